import { batchMs } from "./hash-counting.js";

/** A full-header work on the wire, preamble and CRC included. */
const WORK_BYTES = 88;
/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** A work takes at most this share of the line to the chips; the rest is for register traffic. */
const LINK_SHARE = 1 / 4;
/** New work is sent when half of the versions are done, so that a late work still finds the chips busy. */
const EPOCH_SHARE = 1 / 2;
/**
 * A few chips find enough in one work for minutes, but its time, transactions and target grow old. Documented:
 * ESP-Miner gives a single BM1366 new work every 2,000 ms, other chips more often.
 */
const MAX_WORK_AGE_MS = 2000;

export interface JobTiming {
  /** Time between two works of one chain. */
  readonly intervalMs: number;
  /** After this time the chips repeat a work from its start, without notice. */
  readonly epochMs: number;
  /** True when the line is too slow for the epoch: the chips repeat themselves before new work can come. */
  readonly repeats: boolean;
}

export interface JobTimingInput {
  /** Sub-cores of a core, each with a version of its own in a batch. */
  readonly subCores: number;
  readonly hashCountingNumber: number;
  /** Header version bits the chips roll. */
  readonly versionMask: number;
  /** Rate of the line while mining. */
  readonly baud: number;
}

/**
 * When to send new work. A chip tries `subCores` versions a batch; after the last version it starts over. A mask
 * with fewer bits than 16 is taken to shorten the epoch in proportion: inferred, and the safe side.
 */
export function jobTiming(input: JobTimingInput): JobTiming {
  const versions = 2 ** bitCount(input.versionMask >>> 13);
  const batches = Math.ceil(versions / input.subCores);
  const epochMs = batches * batchMs(input.hashCountingNumber);
  const wireMs = (WORK_BYTES * BITS_PER_BYTE * 1000) / input.baud;
  const usefulMs = Math.min(epochMs * EPOCH_SHARE, MAX_WORK_AGE_MS);
  const intervalMs = Math.max(usefulMs, wireMs / LINK_SHARE);
  return { intervalMs, epochMs, repeats: intervalMs > epochMs };
}

function bitCount(value: number): number {
  let count = 0;
  for (let rest = value >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}
