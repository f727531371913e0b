import type { Clock } from "../lib/clock.js";

/** Holds work to so many bytes a second, so that storage and loops of the machine have their turn. */
export class Pace {
  readonly #clock: Clock;
  readonly #bytesPerS: number;
  readonly #signal: AbortSignal;
  #freeAtMs: number;

  constructor(clock: Clock, mbPerS: number, signal: AbortSignal) {
    this.#clock = clock;
    this.#bytesPerS = mbPerS * 1e6;
    this.#signal = signal;
    this.#freeAtMs = clock.nowMs();
  }

  /** Resolves once the bytes fit in. Rejects with the reason of the signal. */
  async take(bytes: number): Promise<void> {
    this.#signal.throwIfAborted();
    const nowMs = this.#clock.nowMs();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (bytes / this.#bytesPerS) * 1000;
    const waitMs = this.#freeAtMs - nowMs;
    if (waitMs >= 1) await this.#clock.sleep(waitMs, this.#signal);
  }
}
