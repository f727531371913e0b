import { writeSync } from "node:fs";
import { open, readFile, type FileHandle } from "node:fs/promises";
import type { Clock } from "./clock.js";
import { writeFileDurably } from "./durable-file.js";
import { MinerError } from "./errors.js";
import { keepAside } from "./keep-aside.js";
import { findRingEnd, type RingEnd } from "./ring-file.js";
import { isRing, parseRing, RING_HEAD_BYTES, ringBody, ringLine, ringPages } from "./ring-text.js";

/** A record waits this long for others to be written with. What was not written yet is lost with the process. */
const WRITE_MS = 100;
/** What was written is made durable this often at most, as flash wears by blocks. It is what a loss of power may cost. */
const SYNC_MS = 10_000;
/** The same for what matters: written at once, durable this often at most. */
const URGENT_SYNC_MS = 1000;
/** After a write that failed. */
const RETRY_MS = 10_000;
/** Records that wait for a disk that takes none; then the oldest of them are lost. */
const MAX_WAITING = 1000;
/** No record takes more than this part of the ring. */
const MAX_SHARE = 1 / 16;

export interface EventRingOptions {
  /** Its folder must exist. */
  readonly path: string;
  /** Of the file, all of which is there from the start: a full disk does not keep it from being written. */
  readonly bytes: number;
  /** How often what was written is made durable; ten seconds when left out. */
  readonly syncMs?: number;
  readonly clock: Clock;
  /**
   * STATE_UNREADABLE {file, reason, keptAs, continuedFrom} while opening. STATE_NOT_SAVED {file, reason, waiting} when
   * writing begins to fail, once until it works again.
   */
  readonly onTrouble: (error: MinerError) => void;
}

/**
 * The newest records in a file of fixed size. `append` only remembers; the disk follows. A kill costs what was appended in
 * the last 100 ms, or since the disk took the last write, and nothing that was written; a loss of power costs what was not
 * synced: up to ten seconds, one second of urgent records.
 */
export class EventRing {
  readonly #options: EventRingOptions;
  #file: FileHandle | undefined;
  #nextSeq = 1;
  #position = RING_HEAD_BYTES;
  #waiting: readonly Buffer[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isFailing = false;
  /** What was written and is not durable yet. */
  #unsynced: "nothing" | "some" | "urgent" = "nothing";
  #isUrgent = false;
  #syncedAtMs = -Infinity;
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;

  private constructor(options: EventRingOptions) {
    this.#options = options;
  }

  /** Never fails: without a file it is tried again. */
  static async open(options: EventRingOptions): Promise<EventRing> {
    const ring = new EventRing(options);
    await ring.#open().catch((error: unknown) => {
      ring.#failed(error);
    });
    return ring;
  }

  /**
   * Takes plain JSON; nothing is waited for.
   * @throws RangeError when it is too long for the ring
   */
  append(value: unknown, isUrgent = false): void {
    const body = ringBody(value);
    if (body.length > this.#options.bytes * MAX_SHARE) throw new RangeError("record too long");
    this.#waiting = [...this.#waiting, body];
    this.#isUrgent ||= isUrgent;
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting = this.#waiting.slice(1);
      // The gap in the numbers tells of it.
      this.#nextSeq += 1;
    }
    if (!this.#isFailing) this.#within(isUrgent ? 0 : WRITE_MS);
  }

  /** Resolves when all that was appended is durable, or with false when the disk does not take it. */
  async flush(): Promise<boolean> {
    await this.#write(true);
    return this.#waiting.length === 0 && this.#unsynced === "nothing";
  }

  /** For the last moment of a process: gives what waits to the operating system before it returns. */
  writeNow(): void {
    if (this.#file === undefined) return;
    try {
      const { writes } = this.#plan(this.#waiting);
      for (const { at, bytes } of writes) writeSync(this.#file.fd, bytes, 0, null, at);
    } catch {
      // Nobody is left to be told.
    }
  }

  async close(): Promise<void> {
    await this.flush();
    this.#timer?.cancel();
    await this.#file?.close();
    this.#file = undefined;
  }

  #within(ms: number): void {
    const { clock } = this.#options;
    const atMs = clock.nowMs() + ms;
    if (this.#timer !== undefined && this.#timer.atMs <= atMs) return;
    this.#timer?.cancel();
    const cancel = clock.after(ms, () => {
      this.#timer = undefined;
      void this.#write(false);
    });
    this.#timer = { atMs, cancel };
  }

  #write(mustSync: boolean): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      try {
        const file = this.#file ?? (await this.#open());
        await this.#writeWaiting(file);
        await this.#sync(file, mustSync);
        this.#isFailing = false;
      } catch (error) {
        this.#failed(error);
      }
    });
    return this.#writing;
  }

  async #writeWaiting(file: FileHandle): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    const isUrgent = this.#isUrgent;
    const { writes, position } = this.#plan(batch);
    for (const { at, bytes } of writes) {
      const { bytesWritten } = await file.write(bytes, 0, bytes.length, at);
      if (bytesWritten < bytes.length) throw new Error("written in part");
    }
    this.#position = position;
    this.#nextSeq += batch.length;
    const written = new Set(batch);
    this.#waiting = this.#waiting.filter((body) => !written.has(body));
    if (isUrgent && this.#waiting.length === 0) this.#isUrgent = false;
    if (isUrgent || this.#unsynced === "nothing") this.#unsynced = isUrgent ? "urgent" : "some";
  }

  /** Where records go. What is left at the end of the file is blanked: it would be the oldest by a lap. */
  #plan(bodies: readonly Buffer[]): {
    readonly writes: readonly Write[];
    readonly position: number;
  } {
    const writes: { at: number; bytes: Buffer }[] = [];
    let position = this.#position;
    bodies.forEach((body, index) => {
      const line = ringLine(this.#nextSeq + index, body);
      if (position + line.length > this.#options.bytes) {
        const rest = this.#options.bytes - position;
        if (rest > 0) writes.push({ at: position, bytes: Buffer.alloc(rest, "\n") });
        position = RING_HEAD_BYTES;
      }
      const last = writes.at(-1);
      if (last !== undefined && last.at + last.bytes.length === position)
        last.bytes = Buffer.concat([last.bytes, line]);
      else writes.push({ at: position, bytes: line });
      position += line.length;
    });
    return { writes, position };
  }

  async #sync(file: FileHandle, mustSync: boolean): Promise<void> {
    if (this.#unsynced === "nothing") return;
    const { clock, syncMs = SYNC_MS } = this.#options;
    const dueMs = this.#syncedAtMs + (this.#unsynced === "urgent" ? URGENT_SYNC_MS : syncMs);
    if (!mustSync && clock.nowMs() < dueMs) {
      this.#within(dueMs - clock.nowMs());
      return;
    }
    this.#syncedAtMs = clock.nowMs();
    await file.datasync();
    this.#unsynced = "nothing";
  }

  async #open(): Promise<FileHandle> {
    const { path, bytes } = this.#options;
    const { seq, endByte } = (await findRingEnd(path, bytes)) ?? (await this.#make());
    this.#position = endByte + 1;
    this.#file = await open(path, "r+");
    this.#nextSeq += seq;
    return this.#file;
  }

  /** A new file, with what can be read of one that is no ring of this size. */
  async #make(): Promise<RingEnd> {
    const { path, bytes, onTrouble } = this.#options;
    const found = await readFile(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return undefined;
    });
    const { records } = parseRing(found ?? Buffer.alloc(0));
    if (found !== undefined && !isRing(found)) {
      const keptAs = await keepAside(path, "damaged", found);
      if (keptAs === undefined) throw new Error("an unreadable file stands in the way");
      const continuedFrom = records.length === 0 ? "nothing" : "what could be read";
      const facts = { file: path, reason: "no whole ring", keptAs, continuedFrom };
      onTrouble(new MinerError("STATE_UNREADABLE", facts));
    }
    const kept: Buffer[] = [];
    let length = RING_HEAD_BYTES;
    for (const { seq, value } of records.toReversed()) {
      const line = ringLine(seq, ringBody(value));
      if (length + line.length > bytes) break;
      length += line.length;
      kept.unshift(line);
    }
    await writeFileDurably(path, ringPages(bytes, kept));
    return { seq: records.at(-1)?.seq ?? 0, endByte: length - 1 };
  }

  #failed(error: unknown): void {
    this.#within(RETRY_MS);
    if (this.#isFailing) return;
    this.#isFailing = true;
    const reason = error instanceof Error ? error.message : String(error);
    const facts = { file: this.#options.path, reason, waiting: this.#waiting.length };
    this.#options.onTrouble(new MinerError("STATE_NOT_SAVED", facts, { cause: error }));
  }
}

interface Write {
  readonly at: number;
  readonly bytes: Buffer;
}
