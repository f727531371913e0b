const FIRST_MS = 1_000;

/**
 * Pauses between attempts. Decided: 1, 2, 4 ... s, each times a random factor of 0.5 to 1, so that
 * a farm does not come back in step.
 */
export class BackOff {
  readonly #random: () => number;
  readonly #maxMs: number;
  #boundMs = FIRST_MS;

  /** `random` gives numbers of 0 to less than 1. */
  constructor(random: () => number, maxMs: number) {
    this.#random = random;
    this.#maxMs = maxMs;
  }

  /** The pause before the next attempt. */
  nextMs(): number {
    const boundMs = this.#boundMs;
    this.#boundMs = Math.min(2 * boundMs, this.#maxMs);
    return boundMs * (0.5 + 0.5 * this.#random());
  }

  /** Begins at 1 s again. */
  reset(): void {
    this.#boundMs = FIRST_MS;
  }
}
