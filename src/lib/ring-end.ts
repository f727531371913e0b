import { open, type FileHandle } from "node:fs/promises";
import { isRing, NEWLINE, recordsOf, RING_HEAD_BYTES } from "./ring-text.js";

/** Read at once: a ring may be larger than all memory that the program has. */
const WINDOW_BYTES = 64 * 1024;

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
    return await newestOf(file, bytes);
  } finally {
    await file.close();
  }
}

/**
 * From the end to the beginning: the other way the kernel reads ahead in ever larger pieces, up to a megabyte, which then count
 * as written whenever a byte in them is (measured, Linux 6.18).
 */
async function newestOf(file: FileHandle, bytes: number): Promise<RingEnd> {
  let newest: RingEnd = { seq: 0, endByte: RING_HEAD_BYTES - 1 };
  // The end of a line that begins before it.
  let lineEnd = Buffer.alloc(0);
  for (let to = bytes; to > RING_HEAD_BYTES; to -= WINDOW_BYTES) {
    const from = Math.max(RING_HEAD_BYTES, to - WINDOW_BYTES);
    const window = Buffer.concat([await read(file, from, to), lineEnd]);
    const firstLine = from === RING_HEAD_BYTES ? 0 : lineAfter(window);
    for (const record of recordsOf(window, firstLine))
      if (record !== "damaged" && record.seq > newest.seq)
        newest = { seq: record.seq, endByte: from + record.endByte };
    lineEnd = window.subarray(0, firstLine);
  }
  return newest;
}

function lineAfter(window: Buffer): number {
  const end = window.indexOf(NEWLINE);
  return end === -1 ? window.length : end + 1;
}

async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
  return buffer.subarray(0, bytesRead);
}
