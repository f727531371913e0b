type Facts = Readonly<Record<string, unknown>>;

const INDENT = "  ";

/**
 * Hardware data as text: a line for each group of values, and under a group its evidence and source, so that nobody
 * sees a value without knowing how sure it is.
 */
export function describeFacts(facts: object): string {
  return lines(facts as Facts, 0).join("\n");
}

function lines(facts: Facts, depth: number): string[] {
  const pad = INDENT.repeat(depth);
  const { evidence, source, ...values } = facts;
  const text = Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (Array.isArray(value) && value.some(isFacts))
      return value.flatMap((item, index) => [
        `${pad}${name} ${String(index)}`,
        ...lines(item as Facts, depth + 1),
      ]);
    if (isFacts(value)) return [`${pad}${name}`, ...lines(value, depth + 1)];
    return [`${pad}${name}: ${plain(value)}`];
  });
  if (evidence !== undefined) text.push(`${pad}[${plain(evidence)}] ${plain(source)}`);
  return text;
}

function isFacts(value: unknown): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(", ") : String(value).trim();
}
