import type { Clock } from "../lib/clock.js";

/**
 * Chips without new work go over the old again. A chain that nobody has had work for so long is held in reset, and
 * brought up with the next work. Decided: shorter outages are worth no bring-up.
 */
const NO_WORK_MS = 300_000;

/** Ends a chain's mining for want of work. */
export const NO_WORK = new Error("no work");

/** Counts the time that a chain is without work. */
export class NoWorkTimer {
  readonly #clock: Clock;
  #cancel: () => void = () => undefined;
  #onOver: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `onOver` hears from now on when it was too long. */
  watch(onOver: () => void): void {
    this.#onOver = onOver;
  }

  /** The chain has no work from now on. While nobody wants to hear of it no time runs, which would keep the program up. */
  begin(): void {
    this.#cancel();
    const onOver = this.#onOver;
    if (onOver !== undefined) this.#cancel = this.#clock.after(NO_WORK_MS, onOver);
  }

  /** The chain has work again. */
  end(): void {
    this.#cancel();
  }

  /** Nobody wants to hear anything. */
  stop(): void {
    this.#cancel();
    this.#onOver = undefined;
  }
}
