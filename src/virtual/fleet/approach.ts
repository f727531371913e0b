/** A value on its way to another, as heat or a smoothed rate: known at every moment without a timer. */
export class Approach {
  readonly #tauMs: number;
  #from: number;
  #to: number;
  #sinceMs: number;

  /** @param tauMs after this time 37 % of the way are left */
  constructor(tauMs: number, value: number, nowMs: number) {
    this.#tauMs = tauMs;
    this.#from = value;
    this.#to = value;
    this.#sinceMs = nowMs;
  }

  at(nowMs: number): number {
    const left = Math.exp(-(nowMs - this.#sinceMs) / this.#tauMs);
    return this.#to + (this.#from - this.#to) * left;
  }

  head(to: number, nowMs: number): void {
    this.#from = this.at(nowMs);
    this.#to = to;
    this.#sinceMs = nowMs;
  }
}
