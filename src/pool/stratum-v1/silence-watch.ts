import type { Clock } from "../../lib/clock.js";

/** Calls back once nothing has been heard for a time. Touching is cheap: no timer is made anew. */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onSilent: () => void;
  #heardAtMs: number;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, limitMs: number, onSilent: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onSilent = onSilent;
    this.#heardAtMs = clock.nowMs();
    this.#arm(limitMs);
  }

  /** Something was heard; a watch that has called back watches again. */
  touch(): void {
    this.#heardAtMs = this.#clock.nowMs();
    if (this.#cancel === undefined) this.#arm(this.#limitMs);
  }

  /** True from the call back until the next touch. */
  get isSilent(): boolean {
    return this.#cancel === undefined;
  }

  stop(): void {
    this.#cancel?.();
  }

  #arm(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => {
      const remainingMs = this.#heardAtMs + this.#limitMs - this.#clock.nowMs();
      if (remainingMs > 0) {
        this.#arm(remainingMs);
        return;
      }
      this.#cancel = undefined;
      this.#onSilent();
    });
  }
}
