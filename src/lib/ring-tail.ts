import { open } from "node:fs/promises";
import { findRingEnd } from "./ring-file.js";
import { RING_HEAD_BYTES } from "./ring-text.js";

/**
 * The head of a ring and its newest bytes, oldest first: what reads rings reads that, up to the line that is cut. Undefined
 * when the file is no whole ring of its size or not there.
 */
export async function ringTail(path: string, most: number): Promise<Buffer | undefined> {
  const file = await open(path, "r").catch(() => undefined); // not there
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const end = await findRingEnd(path, size);
    if (end === undefined) return undefined;
    const read = async (from: number, to: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
      return buffer.subarray(0, bytesRead);
    };
    const head = await read(0, RING_HEAD_BYTES);
    const behind = end.endByte + 1;
    const fresh = await read(Math.max(RING_HEAD_BYTES, behind - most), behind);
    const left = Math.min(most - fresh.length, size - behind);
    // Behind the newest are the oldest, up to the end of the file.
    const old = left > 0 ? await read(size - left, size) : Buffer.alloc(0);
    return Buffer.concat([head, old, fresh]);
  } finally {
    await file.close();
  }
}
