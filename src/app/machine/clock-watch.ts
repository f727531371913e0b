import type { Clock } from "../../lib/clock.js";

/** Smaller moves are those of a time server that does its work, and of the clocks' own grain. Inferred. */
const LEAST_JUMP_S = 1;
/** Told so long. */
const TOLD_MS = 60_000;

/** Sees the time of day being moved, against a clock that only goes on. */
export class ClockWatch {
  readonly #clock: Clock;
  #offsetMs: number;
  #jumpS = 0;
  #jumpedMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.unixMs() - clock.nowMs();
  }

  /** Seconds that it was moved by in the last minute; 0 when it was not. Ask often. */
  jumpS(): number {
    const nowMs = this.#clock.nowMs();
    const offsetMs = this.#clock.unixMs() - nowMs;
    const jumpS = (offsetMs - this.#offsetMs) / 1000;
    this.#offsetMs = offsetMs;
    if (Math.abs(jumpS) >= LEAST_JUMP_S) {
      this.#jumpS = jumpS;
      this.#jumpedMs = nowMs;
    }
    return nowMs - this.#jumpedMs <= TOLD_MS ? this.#jumpS : 0;
  }
}
