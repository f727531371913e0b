import {
  encoded,
  FROZEN,
  isAge,
  momentMs,
  NOT_KEPT,
  type Tree,
  type TreeChange,
} from "./fact-tree.js";

/** What is different from what was kept last: nothing, only moments, or a value. */
export type Difference = 0 | 1 | 2;
export const SAME = 0;
export const MOMENT = 1;
export const VALUE = 2;

/** Moments that are closer are the same one: facts of one look are gathered one after the other. Inferred. */
const USUAL_MS = 0.1;
/** Where something was found, an age may stand on its limit. What is closer comes of arithmetic. */
const EXACT_MS = 1e-6;

type Branch = Record<string, unknown>;

/** Follows facts from moment to moment and tells what changed. `compare` allocates nothing. */
export class TreeWriter {
  #kept: Tree;
  #numbers = new Map<string, number>();

  compare(facts: Tree, nowMs: number): Difference {
    return difference(facts, this.#kept, { nowMs, toleranceMs: USUAL_MS }, false);
  }

  /** All of it, for a keyframe: changes after it count from here. */
  all(facts: Tree, nowMs: number): unknown {
    // Moments that are known stay as they were when their ages were small.
    this.change(facts, nowMs);
    this.#numbers = new Map();
    return encoded(this.#kept);
  }

  /** Undefined when nothing is different. */
  change(facts: Tree, nowMs: number, isExact = false): TreeChange | undefined {
    const paths: string[] = [];
    const values: unknown[] = [];
    const add = (path: string, value: unknown): void => {
      let number = this.#numbers.get(path);
      if (number === undefined) {
        number = this.#numbers.size;
        this.#numbers.set(path, number);
        paths.push(path);
      }
      values.push(number, encoded(value));
    };
    const time = { nowMs, toleranceMs: isExact ? EXACT_MS : USUAL_MS };
    this.#kept = changed(facts, this.#kept, { path: "", isFrozen: false, time, add });
    if (values.length === 0) return undefined;
    return { ...(paths.length > 0 && { paths }), values };
  }
}

interface Time {
  readonly nowMs: number;
  readonly toleranceMs: number;
}

function difference(value: Tree, kept: Tree, time: Time, isFrozen: boolean): Difference {
  if (typeof value !== "object" || value === null) return Object.is(value, kept) ? SAME : VALUE;
  if (typeof kept !== "object" || kept === null) return VALUE;
  if (!hasSameShape(value, kept)) return VALUE;
  let worst: Difference = SAME;
  for (const key in value) {
    const inner = (value as Branch)[key];
    const before = (kept as Branch)[key];
    if (key === NOT_KEPT) continue;
    const found =
      !isFrozen && isAge(key, inner) && typeof before === "number"
        ? momentDifference(momentMs(inner, time.nowMs), before, time)
        : difference(inner, before, time, isFrozen || key === FROZEN);
    if (found === VALUE) return VALUE;
    if (found === MOMENT) worst = MOMENT;
  }
  return worst;
}

/** The same fields, or as many items. */
function hasSameShape(value: object, kept: object): boolean {
  if (Array.isArray(value) !== Array.isArray(kept)) return false;
  if (Array.isArray(value)) return value.length === (kept as readonly unknown[]).length;
  for (const key in value) if (!(key in kept) && key !== NOT_KEPT) return false;
  for (const key in kept) if (!(key in value)) return false;
  return true;
}

function momentDifference(moment: number, kept: number, { toleranceMs }: Time): Difference {
  // An age of Infinity counts from -Infinity.
  if (moment === kept || Math.abs(moment - kept) <= toleranceMs) return SAME;
  return MOMENT;
}

interface Walk {
  readonly path: string;
  readonly isFrozen: boolean;
  readonly time: Time;
  readonly add: (path: string, value: unknown) => void;
}

/** Tells what changed below a path; returns what is kept of it from now on. */
function changed(value: Tree, kept: Tree, walk: Walk): Tree {
  const { path, isFrozen, time, add } = walk;
  const { nowMs } = time;
  if (difference(value, kept, time, isFrozen) === SAME) return kept;
  const isBranch = typeof value === "object" && value !== null;
  if (!isBranch || typeof kept !== "object" || kept === null || !hasSameShape(value, kept)) {
    const whole = taken(value, nowMs, isFrozen);
    add(path, whole);
    return whole;
  }
  for (const key in value) {
    if (key === NOT_KEPT) continue;
    const inner = (value as Branch)[key];
    const at = path === "" ? key : `${path}.${key}`;
    const branch = kept as Branch;
    const before = branch[key];
    if (!isFrozen && isAge(key, inner)) {
      const moment = momentMs(inner, nowMs);
      if (typeof before === "number" && momentDifference(moment, before, time) === SAME) continue;
      add(at, moment);
      branch[key] = moment;
    } else {
      const deeper = { ...walk, path: at, isFrozen: isFrozen || key === FROZEN };
      branch[key] = changed(inner, before, deeper);
    }
  }
  return kept;
}

/** A copy of its own, with moments in place of ages. */
function taken(value: Tree, nowMs: number, isFrozen: boolean): Tree {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => taken(inner, nowMs, isFrozen));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== NOT_KEPT)
      .map(([key, inner]) => [
        key,
        !isFrozen && isAge(key, inner)
          ? momentMs(inner, nowMs)
          : taken(inner, nowMs, isFrozen || key === FROZEN),
      ]),
  );
}
