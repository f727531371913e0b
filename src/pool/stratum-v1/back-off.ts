const FIRST_MS = 1_000;
const LAST_MS = 60_000;

/**
 * Pauses between attempts. Decided: 1, 2, 4 ... 60 s, each times a random factor of 0.5 to 1, so that
 * a farm does not come back in step.
 */
export class BackOff {
  readonly #random: () => number;
  #boundMs = FIRST_MS;

  /** `random` gives numbers of 0 to less than 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The pause before the next attempt. */
  nextMs(): number {
    const boundMs = this.#boundMs;
    this.#boundMs = Math.min(2 * boundMs, LAST_MS);
    return boundMs * (0.5 + 0.5 * this.#random());
  }

  /** Begins at 1 s again. */
  reset(): void {
    this.#boundMs = FIRST_MS;
  }
}
