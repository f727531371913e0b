import type { Clock } from "../lib/clock.js";

/** Long enough for a human to read the log in between. */
const SOON_MS = 30_000;
/** Decided: what failed so often needs a human; until one comes, the machine is spared. */
const LATER_MS = 300_000;
/** So many failures in a row are tried again soon. */
const SOON_TRIES = 5;
/** And so many more later: an hour in all. */
const LATER_TRIES = 11;
/** Failures further apart than this are not in a row. */
const HEALTHY_MS = 600_000;

/**
 * When something that failed is tried again: five times after half a minute, then every five minutes, and after
 * about an hour not any more until somebody says so.
 */
export class RetryPlan {
  readonly #clock: Clock;
  #failures = 0;
  #worksSinceMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Failures in a row so far. */
  get failures(): number {
    return this.#failures;
  }

  /** It works from now on. */
  succeeded(): void {
    this.#worksSinceMs ??= this.#clock.nowMs();
  }

  /** It failed: how long to wait, at least `leastMs`; undefined when it is given up. */
  failed(leastMs = 0): number | undefined {
    const worked = this.#clock.nowMs() - (this.#worksSinceMs ?? Infinity);
    if (worked >= HEALTHY_MS) this.#failures = 0;
    this.#worksSinceMs = undefined;
    this.#failures += 1;
    if (this.#failures <= SOON_TRIES) return Math.max(SOON_MS, leastMs);
    return this.#failures <= SOON_TRIES + LATER_TRIES ? Math.max(LATER_MS, leastMs) : undefined;
  }

  /** Somebody has looked at it: all tries are to be had again. */
  forgive(): void {
    this.#failures = 0;
  }
}
