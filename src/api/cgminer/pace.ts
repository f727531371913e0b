import type { Clock } from "../../lib/clock.js";

/** Mining goes first: more are not answered in a second, however many ask. */
const PER_S = 100;
/** That many may come at once, as a tool opens several connections together. */
const BURST = 50;
/** Who would wait longer is told so instead. */
const MOST_MS = 800;

/** Spreads the answers: clients that ask again as soon as they can ask less often, and nobody goes without. */
export class Pace {
  readonly #clock: Clock;
  #nextMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long this one has to wait; undefined: it would be too long. */
  take(): number | undefined {
    const stepMs = 1000 / PER_S;
    const nowMs = this.#clock.nowMs();
    const nextMs = Math.max(this.#nextMs, nowMs - BURST * stepMs) + stepMs;
    const waitMs = Math.max(0, nextMs - nowMs);
    if (waitMs > MOST_MS) return undefined;
    this.#nextMs = nextMs;
    return waitMs;
  }
}
