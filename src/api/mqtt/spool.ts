import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import { EventRing } from "../../lib/event-ring.js";
import { KeptState } from "../../lib/kept-state.js";
import { parseRing } from "../../lib/ring-text.js";
import type { StateFormat } from "../../lib/state-text.js";

const RING_FILE = "mqtt-spool.ring";
const ACKED_FILE = "mqtt-spool.json";
/** Some 7,000 minutes or 3,000 events: five days without a broker. */
const RING_BYTES = 1024 * 1024;
/** As many as the ring can hold, so that memory and disk lose the same. */
const MAX_BYTES = RING_BYTES * 0.9;
/** Beside the text, in the ring. */
const LINE_BYTES = 48;
/** How far the brokers are is written this often at most; what they have twice, they know by its id or time. */
const SAVE_MS = 10_000;

export interface Spooled {
  readonly n: number;
  readonly is: "event" | "row";
  /** Plain JSON. */
  readonly value: unknown;
}

/** The highest `n` below which all is with a broker. */
const FORMAT: StateFormat<number> = {
  migrations: [null],
  parse: (plain) => {
    const { acked } = plain as { acked: unknown };
    if (typeof acked !== "number") throw new Error("no number");
    return acked;
  },
  plain: (acked) => ({ acked }),
};

export interface SpoolOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly onTrouble: (error: MinerError) => void;
  readonly bytes?: number;
}

/** What is to reach a broker and has not yet, on disk and bounded: the oldest is lost first, and counted. */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #ring: EventRing;
  readonly #kept: KeptState<number>;
  readonly #entries = new Map<number, { readonly entry: Spooled; readonly bytes: number }>();
  #bytes = 0;
  #nextN: number;
  #dropped = 0;
  #cancelSave: (() => void) | undefined;

  private constructor(
    options: SpoolOptions,
    ring: EventRing,
    kept: KeptState<number>,
    found: readonly Spooled[],
  ) {
    this.#options = options;
    this.#ring = ring;
    this.#kept = kept;
    const acked = kept.found ?? 0;
    for (const entry of found) if (entry.n > acked) this.#remember(entry);
    this.#nextN = Math.max(acked, ...found.map(({ n }) => n)) + 1;
  }

  /** Never fails. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const { dataDir, clock, onTrouble, bytes = RING_BYTES } = options;
    const path = join(dataDir, RING_FILE);
    const found = await readFile(path).catch(() => Buffer.alloc(0));
    const entries = parseRing(found).records.flatMap(({ value }) => spooled(value));
    const ring = await EventRing.open({ path, bytes, clock, onTrouble });
    const kept = await KeptState.open({
      ...{ path: join(dataDir, ACKED_FILE), clock, onTrouble, format: FORMAT },
    });
    return new Spool(options, ring, kept, entries);
  }

  /** Lost for lack of space since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Oldest first. */
  entries(): readonly Spooled[] {
    return [...this.#entries.values()].map(({ entry }) => entry);
  }

  add(is: Spooled["is"], value: unknown): Spooled {
    const entry = { n: this.#nextN++, is, value };
    this.#ring.append(entry, is === "event");
    this.#remember(entry);
    return entry;
  }

  /** A broker has them. */
  done(entries: readonly Spooled[]): void {
    for (const { n } of entries) this.#forget(n);
    this.#cancelSave ??= this.#options.clock.after(SAVE_MS, () => {
      this.#cancelSave = undefined;
      void this.#kept.save(this.#acked());
    });
  }

  async close(): Promise<void> {
    this.#cancelSave?.();
    if (this.#acked() !== (this.#kept.found ?? 0)) await this.#kept.save(this.#acked());
    await this.#kept.stop();
    await this.#ring.close();
  }

  #acked(): number {
    const [oldest = this.#nextN] = this.#entries.keys();
    return oldest - 1;
  }

  #remember(entry: Spooled): void {
    const bytes = Buffer.byteLength(JSON.stringify(entry)) + LINE_BYTES;
    this.#entries.set(entry.n, { entry, bytes });
    this.#bytes += bytes;
    const limit = Math.min(MAX_BYTES, (this.#options.bytes ?? RING_BYTES) * 0.9);
    while (this.#bytes > limit) {
      const [oldest] = this.#entries.keys();
      if (oldest === undefined) return;
      this.#forget(oldest);
      this.#dropped += 1;
    }
  }

  #forget(n: number): void {
    this.#bytes -= this.#entries.get(n)?.bytes ?? 0;
    this.#entries.delete(n);
  }
}

function spooled(value: unknown): readonly Spooled[] {
  const { n, is } = (value ?? {}) as Partial<Spooled>;
  return typeof n === "number" && (is === "event" || is === "row") ? [value as Spooled] : [];
}
