import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";
import { KeptState } from "../lib/kept-state.js";
import { Counters } from "./counters.js";
import { COUNTERS_FORMAT, type CountersState } from "./counters-state.js";

/** What a kill or a power loss may cost. Decided: a flash chip bears a page a minute for decades. */
const SAVE_MS = 60_000;

export interface CountersKeeperOptions {
  /** The counters file; its folder must exist. */
  readonly path: string;
  readonly clock: Clock;
  /** COUNTERS_UNREADABLE, COUNTERS_NOT_SAVED and STATE_NEWER as KeptState tells them. */
  readonly onTrouble: (error: MinerError) => void;
}

/** Keeps the counters in a file: read once, saved each minute and at the end. */
export class CountersKeeper {
  readonly counters: Counters;
  readonly #clock: Clock;
  readonly #kept: KeptState<CountersState>;
  #cancel: () => void = () => undefined;

  private constructor(clock: Clock, kept: KeptState<CountersState>) {
    this.#clock = clock;
    this.#kept = kept;
    this.counters = new Counters(clock, kept.found);
    this.#later();
  }

  /** Never fails: whatever the file holds, counting goes on. */
  static async open(options: CountersKeeperOptions): Promise<CountersKeeper> {
    const kept = await KeptState.open({
      ...options,
      format: COUNTERS_FORMAT,
      codes: { unreadable: "COUNTERS_UNREADABLE", notSaved: "COUNTERS_NOT_SAVED" },
    });
    return new CountersKeeper(options.clock, kept);
  }

  /** Saves for the last time. */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#kept.save(this.counters.state());
    await this.#kept.stop();
  }

  #later(): void {
    this.#cancel = this.#clock.after(SAVE_MS, () => {
      this.#later();
      void this.#kept.save(this.counters.state());
    });
  }
}
