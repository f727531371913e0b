import { createHash } from "node:crypto";

/** A record of a ring as its file holds it. */
export interface RingRecord {
  /** Counts from 1 over all that was ever recorded. */
  readonly seq: number;
  /** Plain JSON. */
  readonly value: unknown;
  /** Offset behind it. */
  readonly endByte: number;
}

export interface ParsedRing {
  /** Oldest first. */
  readonly records: readonly RingRecord[];
  /** Lines that are no whole record; one of them is the rest of a record that the newest was written over. */
  readonly damagedLines: number;
}

/** Bytes of the first line, which names the format and the size. */
export const RING_HEAD_BYTES = 64;

/** Sequence number, length of the JSON text in bytes, beginning of the SHA-256 over both and the text. */
const RECORD_HEAD = /(\d{1,15}) (\d{1,6}) ([0-9a-f]{16}) /y;

export const NEWLINE = 0x0a;

/**
 * A file is made in pieces of this size. Measured on Linux 6.18 with ext4: what was written in one piece of a megabyte is one
 * piece to the kernel from then on, and each byte that is changed in it counts as a megabyte written.
 */
const PAGE_BYTES = 4096;

/** A new ring, in pages: a text file in which each line is a record or blank. */
export function* ringPages(bytes: number, lines: readonly Buffer[] = []): Generator<Buffer> {
  const content = Buffer.concat([Buffer.from(headOf(bytes)), ...lines]);
  const blank = Buffer.alloc(PAGE_BYTES, NEWLINE);
  for (let at = 0; at < bytes; at += PAGE_BYTES) {
    const written = content.subarray(at, at + PAGE_BYTES);
    const page = Buffer.concat([written, blank.subarray(written.length)]);
    yield (written.length > 0 ? page : blank).subarray(0, bytes - at);
  }
}

/** Whether a file that begins so and is so long is a whole ring, whatever its records are like. */
export function isRing(head: Buffer, bytes = head.length): boolean {
  return head.toString("latin1", 0, RING_HEAD_BYTES) === headOf(bytes);
}

/** The text of a record. */
export function ringBody(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), "utf8");
}

/** One line. */
export function ringLine(seq: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${headText(seq, body)} `), body, Buffer.of(NEWLINE)]);
}

/** All whole records, wherever they stand and whatever stands between them. Never throws. */
export function parseRing(bytes: Buffer): ParsedRing {
  const records = new Map<number, RingRecord>();
  let damagedLines = 0;
  for (const record of recordsOf(bytes, RING_HEAD_BYTES))
    if (record === "damaged") damagedLines += 1;
    else records.set(record.seq, record);
  return { records: [...records.values()].sort((a, b) => a.seq - b.seq), damagedLines };
}

/** What stands in some whole lines, in their order. */
export function* recordsOf(bytes: Buffer, from = 0): Generator<RingRecord | "damaged"> {
  // A character a byte, so that offsets are those of the file.
  const text = bytes.toString("latin1");
  let at = from;
  while (at < bytes.length) {
    if (bytes[at] === NEWLINE) {
      at += 1;
      continue;
    }
    const record = recordAt(bytes, text, at);
    if (record === undefined) {
      yield "damaged";
      const end = bytes.indexOf(NEWLINE, at);
      at = end === -1 ? bytes.length : end + 1;
    } else {
      yield record;
      at = record.endByte + 1;
    }
  }
}

function recordAt(bytes: Buffer, text: string, at: number): RingRecord | undefined {
  RECORD_HEAD.lastIndex = at;
  const [head, seq, length] = RECORD_HEAD.exec(text) ?? [];
  if (head === undefined) return undefined;
  const from = at + head.length;
  const body = bytes.subarray(from, from + Number(length));
  if (`${headText(Number(seq), body)} ` !== head) return undefined;
  return {
    seq: Number(seq),
    // Who looks for the newest of many needs none of them.
    get value(): unknown {
      return JSON.parse(body.toString("utf8")) as unknown;
    },
    endByte: from + body.length,
  };
}

function headText(seq: number, body: Buffer): string {
  const head = `${seq} ${body.length}`;
  const sum = createHash("sha256").update(`${head} `).update(body).digest("hex");
  return `${head} ${sum.slice(0, 16)}`;
}

function headOf(bytes: number): string {
  return `${`headframe-ring 1 ${bytes}`.padEnd(RING_HEAD_BYTES - 1)}\n`;
}
