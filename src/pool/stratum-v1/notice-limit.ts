import type { Clock } from "../../lib/clock.js";
import type { PoolNotice } from "../pool-client.js";
import { RateLimit } from "./rate-limit.js";

// Decided: enough to see what a pool does, too few to fill a log.
const BURST = 20;
const PERIOD_MS = 10_000;

/** Passes notices on unless a pool causes too many; says how many were left out with the next one. */
export class NoticeLimit {
  readonly #limit: RateLimit;
  readonly #emit: (notice: PoolNotice) => void;
  #leftOut = 0;

  constructor(clock: Clock, emit: (notice: PoolNotice) => void) {
    this.#limit = new RateLimit(clock, BURST, PERIOD_MS);
    this.#emit = emit;
  }

  put(kind: PoolNotice["kind"], text: string): void {
    if (!this.#limit.take()) {
      this.#leftOut += 1;
      return;
    }
    const more = this.#leftOut === 0 ? "" : ` (${this.#leftOut} notices before it left out)`;
    this.#leftOut = 0;
    this.#emit({ kind, text: text + more });
  }
}
