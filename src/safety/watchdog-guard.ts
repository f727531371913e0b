import type { Watchdog } from "../hal/hardware.js";
import type { Clock } from "../lib/clock.js";
import { findingOf, findingText } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import type { Guard, GuardState } from "./guard.js";

/** Several times within the shortest time that a watchdog of a control board is known to have, 15 s. Inferred. */
const FEED_MS = 3000;
/** While power is on the interlock feeds its guard 50 times a second. Without that the board is to be reset. */
const LOOKED_LIMIT_MS = 1000;

export interface WatchdogGuardOptions {
  readonly guard: Guard;
  readonly watchdog: Watchdog;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * A guard that also keeps the control board's watchdog fed: always while the power is off, and while it is on only as
 * long as the interlock finds all well. What hangs in the kernel or below is then reset by the board itself.
 */
export class WatchdogGuard implements Guard {
  readonly #options: WatchdogGuardOptions;
  #isArmed = false;
  #fedMs = 0;
  /** That it cannot be fed. */
  #isTold = false;
  #cancel: () => void = () => undefined;

  constructor(options: WatchdogGuardOptions) {
    this.#options = options;
    this.#feedLater();
  }

  get state(): GuardState {
    return this.#options.guard.state;
  }

  arm(): void {
    this.#options.guard.arm();
    this.#isArmed = true;
    this.#fedMs = this.#options.clock.nowMs();
  }

  feed(): void {
    this.#options.guard.feed();
    this.#fedMs = this.#options.clock.nowMs();
  }

  disarm(): void {
    this.#options.guard.disarm();
    this.#isArmed = false;
  }

  /** The watchdog is disarmed where the driver allows that. */
  async close(): Promise<void> {
    this.#cancel();
    await this.#options.watchdog.close();
  }

  #feedLater(): void {
    const { clock, watchdog, log } = this.#options;
    this.#cancel = clock.after(FEED_MS, () => {
      this.#feedLater();
      if (this.#isArmed && clock.nowMs() - this.#fedMs > LOOKED_LIMIT_MS) return;
      watchdog.feed().then(
        () => (this.#isTold = false),
        (error: unknown) => {
          if (!this.#isTold)
            log.error({ error: findingText(findingOf(error)) }, "watchdog not fed");
          this.#isTold = true;
        },
      );
    });
  }
}
