import type { Guard, GuardState } from "../../../src/safety/guard.js";
import type { Clock } from "../../../src/lib/clock.js";

/** From the last feed: the period of feeding, half a second, and a margin for scheduling. */
export const GUARD_LIMIT_MS = 550;

/**
 * The native guard and its companion on manual time: unfed for long enough they cut, whatever became of the process.
 * The real ones are held to this by tests of their own.
 */
export class RigGuard implements Guard {
  readonly #clock: Clock;
  readonly #cut: () => void;
  #state: GuardState = { is: "disarmed" };
  #fedAtMs = 0;
  #isWatching = false;

  /** @param clock goes on when the process does not */
  constructor(clock: Clock, cut: () => void) {
    this.#clock = clock;
    this.#cut = cut;
  }

  get state(): GuardState {
    return this.#state;
  }

  arm(): void {
    this.#state = { is: "armed" };
    this.feed();
    this.#watch();
  }

  feed(): void {
    this.#fedAtMs = this.#clock.nowMs();
  }

  disarm(): void {
    if (this.#state.is === "armed") this.#state = { is: "disarmed" };
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#clock.after(this.#fedAtMs + GUARD_LIMIT_MS - this.#clock.nowMs(), () => {
      this.#isWatching = false;
      if (this.#state.is !== "armed") return;
      if (this.#clock.nowMs() - this.#fedAtMs < GUARD_LIMIT_MS) {
        this.#watch();
        return;
      }
      this.#state = { is: "tripped", cause: "unfed", atUnixMs: this.#clock.unixMs() };
      this.#cut();
    });
  }
}
