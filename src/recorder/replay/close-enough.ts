/** Ages went through moments of a microsecond, and a look takes a part of a millisecond. */
const ABSOLUTE = 0.02;
const RELATIVE = 1e-6;

/** The same but for how numbers were rounded on their way through the record. */
export function isCloseEnough(one: unknown, other: unknown): boolean {
  if (typeof one === "number" && typeof other === "number") {
    if (Object.is(one, other)) return true;
    return Math.abs(one - other) <= ABSOLUTE + RELATIVE * Math.max(Math.abs(one), Math.abs(other));
  }
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
    return one === other;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) =>
    isCloseEnough((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
  );
}
