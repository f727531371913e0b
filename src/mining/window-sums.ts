import type { Clock } from "../lib/clock.js";

/** The windows that rates are told over. */
export const RATE_WINDOWS = ["5s", "1m", "15m", "24h"] as const;
export type RateWindowName = (typeof RATE_WINDOWS)[number];

/** A window is so many buckets, and the one that is not over. */
const LEVELS: Readonly<Record<RateWindowName, { bucketMs: number; buckets: number }>> = {
  "5s": { bucketMs: 1000, buckets: 5 },
  "1m": { bucketMs: 5000, buckets: 12 },
  "15m": { bucketMs: 60_000, buckets: 15 },
  "24h": { bucketMs: 900_000, buckets: 96 },
};

interface Level {
  readonly bucketMs: number;
  readonly buckets: number;
  /** The totals as they were at the last `buckets + 1` boundaries, a row each. */
  readonly rows: Float64Array;
  /** Number of the newest boundary; 0 is the start. */
  newest: number;
}

/**
 * Running sums, and what was added to them in the last 5 s, 1 min, 15 min and 24 h. Memory is fixed: 132 numbers of
 * 8 bytes for a sum. Adding costs one addition; once a second the totals are copied.
 *
 * Time is monotonic. Whoever adds calls `roll` first; what a stalled event loop adds late counts when it is added, and
 * no boundary is missed, for nothing was added in between.
 */
export class WindowSums {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #totals: Float64Array;
  readonly #levels: Readonly<Record<RateWindowName, Level>>;
  #nextRollMs: number;

  constructor(clock: Clock, sums: number) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#totals = new Float64Array(sums);
    const level = (name: RateWindowName): Level => {
      const { bucketMs, buckets } = LEVELS[name];
      return { bucketMs, buckets, rows: new Float64Array((buckets + 1) * sums), newest: 0 };
    };
    const levels = { "5s": level("5s"), "1m": level("1m"), "15m": level("15m") };
    this.#levels = { ...levels, "24h": level("24h") };
    this.#nextRollMs = this.#startMs + LEVELS["5s"].bucketMs;
  }

  /** Closes the buckets that are over. */
  roll(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#nextRollMs) return;
    const elapsedMs = nowMs - this.#startMs;
    for (const name of RATE_WINDOWS) {
      const level = this.#levels[name];
      const newest = Math.floor(elapsedMs / level.bucketMs);
      const rows = level.buckets + 1;
      for (let row = Math.max(level.newest + 1, newest - level.buckets); row <= newest; row++)
        level.rows.set(this.#totals, (row % rows) * this.#totals.length);
      level.newest = newest;
    }
    const { bucketMs } = LEVELS["5s"];
    this.#nextRollMs = this.#startMs + (Math.floor(elapsedMs / bucketMs) + 1) * bucketMs;
  }

  /** Adds to sum number `index`. After `roll`, in the same turn. */
  add(index: number, amount: number): void {
    this.#totals[index] = (this.#totals[index] ?? 0) + amount;
  }

  total(index: number): number {
    return this.#totals[index] ?? 0;
  }

  /** What was added within the window. */
  within(window: RateWindowName, index: number): number {
    this.roll();
    const { buckets, newest, rows } = this.#levels[window];
    const row = Math.max(0, newest - buckets) % (buckets + 1);
    return this.total(index) - (rows[row * this.#totals.length + index] ?? 0);
  }

  /** The window's real length: shorter until it is full, later up to a bucket longer. */
  seconds(window: RateWindowName): number {
    this.roll();
    const { bucketMs, buckets, newest } = this.#levels[window];
    const fromMs = Math.max(0, newest - buckets) * bucketMs;
    return (this.#clock.nowMs() - this.#startMs - fromMs) / 1000;
  }
}
