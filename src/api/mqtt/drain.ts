import type { Clock } from "../../lib/clock.js";
import type { Spool, Spooled } from "./spool.js";

/** Sheet management.md, 8.4: oldest first at 2 KB/s at most, messages of 8 KB at most. */
const BYTES_PER_S = 2048;
const MAX_MESSAGE_BYTES = 8 * 1024;
/** A broker that did not take one is asked again after this long. */
const RETRY_MS = 10_000;
/** A row is so long, about. */
const MAX_ROWS = 50;

export interface DrainOptions {
  readonly spool: Pick<Spool, "entries" | "done">;
  readonly clock: Clock;
  /** Resolves with whether a broker has them. All are rows, or it is one event. */
  readonly send: (entries: readonly Spooled[]) => Promise<boolean>;
}

/** Empties the spool while the link is up: what is new at once, what waited at a limited rate. */
export class Drain {
  readonly #options: DrainOptions;
  #stopRun: AbortController | undefined;
  readonly #cancels = new Set<() => void>();

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** The link is up: what waits is sent after `waitMs`. */
  start(waitMs: number): void {
    this.stop();
    const abort = new AbortController();
    this.#stopRun = abort;
    this.#run(waitMs, abort.signal).catch(() => undefined); // aborted
  }

  stop(): void {
    this.#stopRun?.abort();
    this.#stopRun = undefined;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  /** Something new while the link is up; what can wait lets others go first. */
  async sendNow(entry: Spooled, waitMs = 0): Promise<void> {
    const { signal } = this.#stopRun ?? {};
    if (signal === undefined) return;
    if (waitMs === 0) await this.#sendOne(entry, signal);
    else
      this.#later(waitMs, () => {
        void this.#sendOne(entry, signal);
      });
  }

  async #sendOne(entry: Spooled, signal: AbortSignal): Promise<void> {
    const { spool, send } = this.#options;
    if (await send([entry])) spool.done([entry]);
    else if (!signal.aborted)
      this.#later(RETRY_MS, () => {
        this.start(0);
      });
  }

  /** Unless the link is lost before: one that is made anew sends all that waits. */
  #later(ms: number, act: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#cancels.delete(cancel);
      act();
    });
    this.#cancels.add(cancel);
  }

  async #run(waitMs: number, signal: AbortSignal): Promise<void> {
    const { spool, clock, send } = this.#options;
    // What comes later goes out by itself.
    const waiting = [...spool.entries()];
    await clock.sleep(waitMs, signal);
    while (waiting.length > 0) {
      const batch = nextBatch(waiting);
      const isThere = await send(batch);
      signal.throwIfAborted();
      if (isThere) {
        spool.done(batch);
        waiting.splice(0, batch.length);
      } else await clock.sleep(RETRY_MS, signal);
      const bytes = Buffer.byteLength(JSON.stringify(batch));
      await clock.sleep((bytes / BYTES_PER_S) * 1000, signal);
    }
  }
}

/** One event, or rows that follow one another. */
function nextBatch(waiting: readonly Spooled[]): readonly Spooled[] {
  const first = waiting.findIndex(({ is }) => is !== "row");
  const rows = waiting.slice(0, first < 0 ? MAX_ROWS : Math.min(first, MAX_ROWS));
  if (rows.length === 0) return waiting.slice(0, 1);
  let bytes = 0;
  const fitting = rows.findIndex((row) => {
    bytes += Buffer.byteLength(JSON.stringify(row));
    return bytes > MAX_MESSAGE_BYTES;
  });
  return fitting <= 0 ? rows : rows.slice(0, fitting);
}
