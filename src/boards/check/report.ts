import type { BoardFault } from "../files.js";

/** Collects the faults of one file. */
export class Report {
  readonly faults: BoardFault[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** `found` stands at `path`; `expectation` completes "must be". */
  add(path: string, found: unknown, expectation: string): void {
    this.faults.push({ file: this.#file, path, value: String(found), expectation });
  }

  /** Each known value must not be below the known one before it, nor equal to it when `strictly`. */
  ordered(
    path: string,
    values: readonly (readonly [name: string, value: number | undefined])[],
    strictly: boolean,
  ): void {
    let before: readonly [string, number] | undefined;
    for (const [name, value] of values) {
      if (value === undefined) continue;
      const isWrong =
        before !== undefined && (value < before[1] || (strictly && value === before[1]));
      if (isWrong && before !== undefined)
        this.add(
          `${path}.${name}`,
          value,
          `${strictly ? "above" : "at least"} ${before[0]} = ${String(before[1])}`,
        );
      before = [name, value];
    }
  }

  /** What is there once only, by key; the second user is at fault. */
  usedOnce(uses: Iterable<readonly [key: string, path: string]>): void {
    const firstUse = new Map<string, string>();
    for (const [key, path] of uses) {
      const first = firstUse.get(key);
      if (first === undefined) firstUse.set(key, path);
      else this.add(path, key, `used once; ${first} has it`);
    }
  }
}
