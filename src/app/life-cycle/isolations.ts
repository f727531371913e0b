import type { Clock } from "../../lib/clock.js";
import type { Finding } from "../../lib/finding.js";

/** Decided: a board that had to be taken out so often in a day needs a person. */
const MOST_A_DAY = 3;
const DAY_MS = 86_400_000;

interface TakenOut {
  readonly finding: Finding;
  readonly atMs: readonly number[];
}

/** Remembers which boards had to be taken out of the running machine, so that starts do not try them for ever. */
export class Isolations {
  readonly #clock: Clock;
  readonly #slots = new Map<number, TakenOut>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(slot: number, { code, context }: Finding): void {
    const nowMs = this.#clock.nowMs();
    const before = this.#slots.get(slot)?.atMs ?? [];
    const atMs = [...before.filter((each) => nowMs - each < DAY_MS), nowMs];
    this.#slots.set(slot, { finding: { code, context }, atMs });
  }

  /** Those that are not tried again, with the last reason. */
  spent(): ReadonlyMap<number, Finding> {
    const nowMs = this.#clock.nowMs();
    const spent = new Map<number, Finding>();
    for (const [slot, { finding, atMs }] of this.#slots)
      if (atMs.filter((each) => nowMs - each < DAY_MS).length >= MOST_A_DAY)
        spent.set(slot, finding);
    return spent;
  }

  /** Somebody has looked at them: all tries are to be had again. */
  forgive(): void {
    this.#slots.clear();
  }
}
