import type { GpioInput, Level } from "../hal/gpio.js";
import type { Clock } from "../lib/clock.js";
import { findingOf } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";

/** Inferred: contacts bounce for less than 20 ms, so that two looks never see one bounce; a finger stays for longer. */
const LOOK_MS = 100;
/** Documented: management.md, 5.4: on most boards a longer press resets the settings. */
const LONGEST_PRESS_MS = 2000;
/** Inferred: nobody holds a button for so long; it was held when the program started, and this is how it rests. */
const REST_MS = 10_000;

export interface ButtonWatchOptions {
  readonly input: GpioInput;
  /** A short press has ended. */
  readonly onPress: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Tells of short presses. No source says which level a pressed button has (inferred): it is the one that the line does not
 * rest at. The line is looked at ten times a second, as not every kernel tells of its edges.
 */
export class ButtonWatch {
  readonly #options: ButtonWatchOptions;
  #rest: Level;
  #level: Level;
  #sinceMs: number;
  #isFailing = false;
  #isStopped = false;
  #cancel: () => void = () => undefined;

  private constructor(options: ButtonWatchOptions, level: Level) {
    this.#options = options;
    this.#rest = level;
    this.#level = level;
    this.#sinceMs = options.clock.nowMs();
    this.#wait();
  }

  /** @throws GPIO_FAILED */
  static async start(options: ButtonWatchOptions): Promise<ButtonWatch> {
    return new ButtonWatch(options, await options.input.read());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#options.input.close();
  }

  #wait(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      void this.#look().then(() => {
        this.#wait();
      });
    });
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { input, log } = this.#options;
    try {
      this.#judge(await input.read());
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing && !this.#isStopped) log.warn(findingOf(error), "button");
      this.#isFailing = true;
    }
  }

  #judge(level: Level): void {
    const { clock, onPress } = this.#options;
    const nowMs = clock.nowMs();
    const forMs = nowMs - this.#sinceMs;
    if (level === this.#level) {
      if (forMs >= REST_MS) this.#rest = level;
      return;
    }
    this.#level = level;
    this.#sinceMs = nowMs;
    if (level === this.#rest && forMs < LONGEST_PRESS_MS && !this.#isStopped) onPress();
  }
}
