import type { Clock } from "../lib/clock.js";

/** Hashes that a chip makes for one answer at ticket difficulty 1: 32 zero bits. */
const HASHES_PER_DIFFICULTY = 2 ** 32;
const BUCKET_MS = 1000;
const BUCKETS = 900;

/** Hash rate from verified nonces: each one at ticket difficulty D stands for D x 2^32 hashes. */
export class HashrateMeter {
  readonly #clock: Clock;
  readonly #buckets = new Float64Array(BUCKETS);
  #newestBucket = 0;
  #startMs: number;
  #total = 0;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
  }

  /** Forgets everything; time counts from now. */
  restart(): void {
    this.#buckets.fill(0);
    this.#total = 0;
    this.#count = 0;
    this.#startMs = this.#clock.nowMs();
    this.#newestBucket = 0;
  }

  /** Counts `nonces` verified nonces found at `ticketDifficulty`. */
  add(nonces: number, ticketDifficulty: number): void {
    this.#roll();
    const slot = this.#newestBucket % BUCKETS;
    this.#buckets[slot] = (this.#buckets[slot] ?? 0) + nonces * ticketDifficulty;
    this.#total += nonces * ticketDifficulty;
    this.#count += nonces;
  }

  /** Mean since the start (or restart), TH/s; 0 before any time has passed. */
  meanThs(): number {
    const seconds = (this.#clock.nowMs() - this.#startMs) / 1000;
    return seconds > 0 ? toThs(this.#total, seconds) : 0;
  }

  /** One standard deviation of meanThs, TH/s: nonces come as a Poisson process. */
  uncertaintyThs(): number {
    return this.#count > 0 ? this.meanThs() / Math.sqrt(this.#count) : 0;
  }

  /** Mean over the last `seconds` whole seconds (at most 900, at most since the start), TH/s. */
  recentThs(seconds: number): number {
    this.#roll();
    const window = Math.min(seconds, BUCKETS - 1, this.#newestBucket);
    if (window === 0) return this.meanThs();
    let sum = 0;
    for (let age = 1; age <= window; age++)
      sum += this.#buckets[(this.#newestBucket - age) % BUCKETS] ?? 0;
    return toThs(sum, (window * BUCKET_MS) / 1000);
  }

  #roll(): void {
    const bucket = Math.floor((this.#clock.nowMs() - this.#startMs) / BUCKET_MS);
    const first = Math.max(this.#newestBucket + 1, bucket - BUCKETS + 1);
    for (let fresh = first; fresh <= bucket; fresh++) this.#buckets[fresh % BUCKETS] = 0;
    this.#newestBucket = bucket;
  }
}

function toThs(difficultySum: number, seconds: number): number {
  return (difficultySum * HASHES_PER_DIFFICULTY) / seconds / 1e12;
}
