import type { Clock } from "../../../src/lib/clock.js";
import { MinerError } from "../../../src/lib/errors.js";
import type { Guard, GuardState } from "../../../src/safety/guard.js";
import { GUARD_LIMIT_MS } from "../../../src/safety/native-guard.js";

/** The companion of a controller that is gone, which keeps the power on for the next one, and not for long. */
export class Lease {
  #is: "held" | "over" | "released" = "held";

  constructor(clock: Clock, ms: number, cut: () => void) {
    clock.after(ms, () => {
      if (this.#is !== "held") return;
      this.#is = "over";
      cut();
    });
  }

  get isHeld(): boolean {
    return this.#is === "held";
  }

  get isOver(): boolean {
    return this.#is === "over";
  }

  release(): void {
    if (this.#is === "held") this.#is = "released";
  }
}

/**
 * The native guard and its companion on manual time: unfed for long enough they cut, whatever became of the process.
 * The real ones are held to this by tests of their own.
 */
export class RigGuard implements Guard {
  readonly #clock: Clock;
  readonly #cut: () => void;
  #lease: Lease | undefined;
  #state: GuardState = { is: "disarmed" };
  #fedAtMs = 0;
  #isWatching = false;

  /** @param clock goes on when the process does not */
  constructor(clock: Clock, lease: Lease | undefined, cut: () => void) {
    this.#clock = clock;
    this.#lease = lease;
    this.#cut = cut;
  }

  get state(): GuardState {
    if (this.#lease?.isOver === true) return this.#tripped("lease over");
    return this.#state;
  }

  arm(): void {
    if (this.#lease?.isOver === true)
      throw new MinerError("GUARD_TRIPPED", { cause: "lease over" });
    this.#state = { is: "armed" };
    this.feed();
    this.#watch();
    this.#release();
  }

  feed(): void {
    this.#fedAtMs = this.#clock.nowMs();
  }

  disarm(): void {
    if (this.#state.is === "armed") this.#state = { is: "disarmed" };
    this.#release();
  }

  /** The power is the companion's for so long, or until somebody else is armed. */
  leave(ms: number): Lease {
    this.#state = { is: "disarmed" };
    return new Lease(this.#clock, ms, this.#cut);
  }

  #release(): void {
    this.#lease?.release();
    this.#lease = undefined;
  }

  #tripped(cause: string): GuardState {
    return { is: "tripped", cause, atUnixMs: this.#clock.unixMs() };
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#clock.after(this.#fedAtMs + GUARD_LIMIT_MS - this.#clock.nowMs(), () => {
      this.#isWatching = false;
      if (this.#state.is !== "armed") return;
      // As the timer was reckoned: the other way round it may be a hair short for ever.
      if (this.#fedAtMs + GUARD_LIMIT_MS > this.#clock.nowMs()) {
        this.#watch();
        return;
      }
      this.#state = this.#tripped("unfed");
      this.#cut();
    });
  }
}
