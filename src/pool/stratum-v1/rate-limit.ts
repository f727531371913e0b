import type { Clock } from "../../lib/clock.js";

/** Lets a burst pass and then one a period: a bucket of tokens that fills again with time. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #periodMs: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(clock: Clock, burst: number, periodMs: number) {
    this.#clock = clock;
    this.#burst = burst;
    this.#periodMs = periodMs;
    this.#tokens = burst;
    this.#filledAtMs = clock.nowMs();
  }

  /** Takes a token; false when there is none. */
  take(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Time until there is a token. */
  get waitMs(): number {
    this.#fill();
    return Math.max(0, (1 - this.#tokens) * this.#periodMs);
  }

  #fill(): void {
    const nowMs = this.#clock.nowMs();
    const gained = (nowMs - this.#filledAtMs) / this.#periodMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAtMs = nowMs;
  }
}
