import type { Clock } from "../../lib/clock.js";

/** Even an action that takes longer than its period leaves others a turn. */
const MIN_PAUSE_MS = 10;

export interface RepeaterOptions {
  readonly clock: Clock;
  readonly periodMs: number;
  /** Must not reject: whoever repeats something knows what its failure means. */
  readonly action: () => Promise<void>;
}

/** Does something again and again, beginning at once; an action that takes long delays the next and is not doubled. */
export class Repeater {
  readonly #options: RepeaterOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: RepeaterOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the action that is under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, periodMs, action } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const startMs = clock.nowMs();
      await action();
      const leftMs = startMs + periodMs - clock.nowMs();
      // Only the stop ends the pause early, and the loop looks at it.
      await clock.sleep(Math.max(MIN_PAUSE_MS, leftMs), signal).catch(() => undefined);
    }
  }
}
