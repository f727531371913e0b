import { open, type FileHandle } from "node:fs/promises";
import { isRing, NEWLINE, recordsOf, RING_HEAD_BYTES, type RingRecord } from "./ring-text.js";

/**
 * Read and looked through at once. A ring may be larger than all memory that the program has, and to look through all of one
 * without a turn of the event loop in between takes longer than what guards that loop lets it.
 */
const WINDOW_BYTES = 16 * 1024;

/** Behind which a ring goes on. */
export interface RingEnd {
  /** Of the newest record; 0 when there is none. */
  readonly seq: number;
  /** Offset behind it. */
  readonly endByte: number;
}

/** Of a whole ring of this size. Undefined when the file is something else or not there. */
export async function findRingEnd(path: string, bytes: number): Promise<RingEnd | undefined> {
  const file = await open(path, "r").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  });
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    if (size !== bytes || !isRing(await read(file, 0, RING_HEAD_BYTES), bytes)) return undefined;
    let newest: RingEnd = { seq: 0, endByte: RING_HEAD_BYTES - 1 };
    for await (const { from, records } of windowsOf(file, bytes))
      for (const { seq, endByte } of records)
        if (seq > newest.seq) newest = { seq, endByte: from + endByte };
    return newest;
  } finally {
    await file.close();
  }
}

export interface RingWish<Kept> {
  /** What is wanted of a record; undefined: nothing. */
  readonly pick: (value: unknown, seq: number) => Kept | undefined;
  /** Of those the newest; all when left out. */
  readonly last?: number | undefined;
}

export interface RingRead<Kept> {
  /** Oldest first. */
  readonly kept: readonly Kept[];
  /** Lines that are no whole record; one of them is the rest of a record that the newest was written over. */
  readonly damagedLines: number;
}

/** What is wanted of the whole records of a file, wherever they stand. Rejects with what reading it rejects with. */
export async function readRing<Kept>(
  path: string,
  { pick, last = Infinity }: RingWish<Kept>,
): Promise<RingRead<Kept>> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    let kept = new Map<number, Kept>();
    let damagedLines = 0;
    for await (const { records, damaged } of windowsOf(file, size)) {
      damagedLines += damaged;
      // Of two with one number the one that stands last.
      for (const { seq, value } of records.toReversed()) {
        const picked = kept.has(seq) ? undefined : pick(value, seq);
        if (picked !== undefined) kept.set(seq, picked);
      }
      if (kept.size > 2 * last) kept = new Map(newestOf(kept, last));
    }
    return { kept: newestOf(kept, last).map(([, each]) => each), damagedLines };
  } finally {
    await file.close();
  }
}

function newestOf<Kept>(kept: ReadonlyMap<number, Kept>, last: number): [number, Kept][] {
  return [...kept].sort(([a], [b]) => a - b).slice(-last);
}

interface Window {
  /** Offset of the window, to which those of its records count. */
  readonly from: number;
  readonly records: readonly RingRecord[];
  readonly damaged: number;
}

/**
 * From the end to the beginning: the other way the kernel reads ahead in ever larger pieces, up to a megabyte, which then count
 * as written whenever a byte in them is (measured, Linux 6.18).
 */
async function* windowsOf(file: FileHandle, bytes: number): AsyncGenerator<Window> {
  // The end of a line that begins before it.
  let lineEnd = Buffer.alloc(0);
  for (let to = bytes; to > RING_HEAD_BYTES; to -= WINDOW_BYTES) {
    const from = Math.max(RING_HEAD_BYTES, to - WINDOW_BYTES);
    const window = Buffer.concat([await read(file, from, to), lineEnd]);
    const firstLine = from === RING_HEAD_BYTES ? 0 : lineAfter(window);
    const found = [...recordsOf(window, firstLine)];
    const records = found.filter((each) => each !== "damaged");
    yield { from, records, damaged: found.length - records.length };
    lineEnd = window.subarray(0, firstLine);
  }
}

function lineAfter(window: Buffer): number {
  const end = window.indexOf(NEWLINE);
  return end === -1 ? window.length : end + 1;
}

async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
  return buffer.subarray(0, bytesRead);
}
