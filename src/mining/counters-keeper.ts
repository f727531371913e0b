import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import { StateFile } from "../lib/state-file.js";
import { Counters } from "./counters.js";
import { parseCounters, type CountersState } from "./counters-state.js";

/** What a kill or a power loss may cost. Decided: a flash chip bears a page a minute for decades. */
const SAVE_MS = 60_000;

export interface CountersKeeperOptions {
  /** The counters file; its folder must exist. */
  readonly path: string;
  readonly clock: Clock;
  /**
   * COUNTERS_UNREADABLE {file, reason, keptAs, continuedFrom} while opening; COUNTERS_NOT_SAVED {file, reason} when saving
   * begins to fail, once until it works again.
   */
  readonly onTrouble: (error: MinerError) => void;
}

/** Keeps the counters in a file: read once, saved each minute and at the end. */
export class CountersKeeper {
  readonly counters: Counters;
  readonly #options: CountersKeeperOptions;
  readonly #file: StateFile<CountersState>;
  #cancel: () => void = () => undefined;
  #isFailing = false;

  private constructor(
    options: CountersKeeperOptions,
    file: StateFile<CountersState>,
    before: CountersState | undefined,
  ) {
    this.#options = options;
    this.#file = file;
    this.counters = new Counters(options.clock, before);
    this.#later();
  }

  /** Never fails: whatever the file holds, counting goes on. */
  static async open(options: CountersKeeperOptions): Promise<CountersKeeper> {
    const { path, clock, onTrouble } = options;
    const file = new StateFile({ path, parse: parseCounters, unixMs: () => clock.unixMs() });
    const found = await file.load();
    const before = found.is === "loaded" ? found.state : undefined;
    for (const { file: name, reason, keptAs } of found.trouble)
      onTrouble(
        new MinerError("COUNTERS_UNREADABLE", {
          file: name,
          reason,
          keptAs: keptAs ?? null,
          continuedFrom: before === undefined ? "zero" : "previous",
        }),
      );
    return new CountersKeeper(options, file, before);
  }

  /** Saves for the last time. */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#save();
  }

  #later(): void {
    this.#cancel = this.#options.clock.after(SAVE_MS, () => {
      this.#later();
      void this.#save();
    });
  }

  async #save(): Promise<void> {
    const { path, onTrouble } = this.#options;
    try {
      await this.#file.save(`${JSON.stringify(this.counters.state())}\n`);
      this.#isFailing = false;
    } catch (cause) {
      if (this.#isFailing) return;
      this.#isFailing = true;
      const reason = cause instanceof Error ? cause.message : String(cause);
      onTrouble(new MinerError("COUNTERS_NOT_SAVED", { file: path, reason }, { cause }));
    }
  }
}
