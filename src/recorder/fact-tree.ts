/** Part of what is known at one moment: plain values, lists and records, with undefined and Infinity. */
export type Tree = unknown;

/**
 * What became different since the record before: paths that are named for the first time, then the number of a path and its
 * new value by turns. Numbers of paths count from the keyframe.
 */
export interface TreeChange {
  readonly paths?: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * Fields that say for how many seconds something has been so. They grow by themselves: what is kept is the moment that they
 * count from, in milliseconds of the clock of the process.
 */
const AGES: ReadonlySet<string> = new Set([
  ...["ageS", "goodAgeS", "liesS", "unchangedS", "answerAgeS", "sinceS", "nonceAgeS"],
  "railSinceS",
]);
/** Facts of a finding stay as they were found. */
export const FROZEN = "context";
/** The judge counts it by itself. */
export const NOT_KEPT = "loopLagMs";

export function isAge(key: string, value: unknown): value is number {
  return typeof value === "number" && AGES.has(key);
}

/**
 * Not rounded: taken while the age is small it is to the last bit the time that the age was counted from, so that an age that
 * stands on a limit stands on it again.
 */
export function momentMs(ageS: number, nowMs: number): number {
  return nowMs - ageS * 1000;
}

export function ageSince(momentMs: number, nowMs: number): number {
  return (nowMs - momentMs) / 1000;
}

/** What JSON has no word for. */
interface Marked {
  readonly "~": string;
}

/** As JSON can hold it. */
export function encoded(value: unknown): unknown {
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value)))
    return { "~": String(value) } satisfies Marked;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(encoded);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, encoded(inner)]));
}

export function decoded(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decoded);
  const mark = (value as Partial<Marked>)["~"];
  if (mark !== undefined) return mark === "undefined" ? undefined : Number(mark);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decoded(inner)]));
}
