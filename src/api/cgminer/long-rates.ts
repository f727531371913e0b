import type { Clock } from "../../lib/clock.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import type { Rates } from "./rates.js";

const SAMPLE_MS = 30_000;
const MOST_MS = 30 * 60_000;
const SHORT_MS = 5 * 60_000;
/** Hashes of difficulty 1, in GH. */
const GH_PER_DIFFICULTY = 2 ** 32 / 1e9;

interface Sample {
  readonly atMs: number;
  readonly difficulty: number;
}

/** The hash rate of the machine over 5 and 30 min, which the program itself has no windows of. 61 pairs of numbers. */
export class LongRates {
  readonly #clock: Clock;
  readonly #samples: Sample[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called each second, or about. */
  take({ lifetime }: Pick<Snapshot, "lifetime">): void {
    const atMs = this.#clock.nowMs();
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < SAMPLE_MS) return;
    this.#samples.push({ atMs, difficulty: lifetime.verifiedDifficulty });
    // One more than the window, so that it is whole.
    if (this.#samples.length > MOST_MS / SAMPLE_MS + 1) this.#samples.shift();
  }

  /** Over less as long as there is no more; undefined at the very beginning. */
  rates({ lifetime }: Pick<Snapshot, "lifetime">): Pick<Rates, "m5" | "m30"> {
    const { verifiedDifficulty } = lifetime;
    return {
      m5: this.#over(SHORT_MS, verifiedDifficulty),
      m30: this.#over(MOST_MS, verifiedDifficulty),
    };
  }

  #over(windowMs: number, difficulty: number): number | undefined {
    const nowMs = this.#clock.nowMs();
    const first = this.#samples.find(({ atMs }) => nowMs - atMs <= windowMs);
    const seconds = first === undefined ? 0 : (nowMs - first.atMs) / 1000;
    if (first === undefined || seconds < 1) return undefined;
    return (Math.max(0, difficulty - first.difficulty) * GH_PER_DIFFICULTY) / seconds;
  }
}
