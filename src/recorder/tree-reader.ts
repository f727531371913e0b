import { ageSince, decoded, FROZEN, isAge, type Tree, type TreeChange } from "./fact-tree.js";

type Branch = Record<string, unknown>;

/** Follows what a TreeWriter wrote. */
export class TreeReader {
  #tree: Tree;
  #paths: string[] = [];

  /** From a keyframe. */
  begin(all: unknown): void {
    this.#tree = decoded(all);
    this.#paths = [];
  }

  /** @throws RangeError when the change does not fit what was read before */
  follow({ paths = [], values }: TreeChange): void {
    this.#paths.push(...paths);
    for (let at = 0; at < values.length; at += 2) {
      const path = this.#paths[Number(values[at])];
      if (path === undefined) throw new RangeError("a path that was not named");
      this.#put(path, decoded(values[at + 1]));
    }
  }

  /** The facts, with ages as they are at `nowMs`. */
  at(nowMs: number): Tree {
    return aged(this.#tree, nowMs, false);
  }

  /** From when a field of the trunk counts. */
  moment(key: string): unknown {
    return (this.#tree as Branch | undefined)?.[key];
  }

  #put(path: string, value: unknown): void {
    if (path === "") {
      this.#tree = value;
      return;
    }
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let branch: unknown = this.#tree;
    for (const key of keys) branch = (branch as Branch | undefined)?.[key];
    if (typeof branch !== "object" || branch === null) throw new RangeError(`no ${path}`);
    (branch as Branch)[last] = value;
  }
}

function aged(value: Tree, nowMs: number, isFrozen: boolean): Tree {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => aged(inner, nowMs, isFrozen));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      !isFrozen && isAge(key, inner)
        ? ageSince(inner, nowMs)
        : aged(inner, nowMs, isFrozen || key === FROZEN),
    ]),
  );
}
