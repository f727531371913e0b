import { hex32, toHex } from "../../lib/bytes.js";

/** A job as the pool announces it to every miner; each connection adds its extranonce1. */
export interface JobTemplate {
  /** A number at some pools. */
  readonly id: string | number;
  /** 32 bytes in the order of the header. */
  readonly prevhash: Uint8Array;
  readonly coinb1: Uint8Array;
  readonly coinb2: Uint8Array;
  /** 32 bytes each, from the leaves up. */
  readonly merkleBranches: readonly Uint8Array[];
  readonly version: number;
  readonly nbits: number;
  /** Unix seconds. */
  readonly ntime: number;
  /** True when every older job is stale from now on. */
  readonly clean: boolean;
}

/** The nine parameters of `mining.notify`. */
export function notifyParams(job: JobTemplate): readonly unknown[] {
  return [
    job.id,
    toHex(swapWordBytes(job.prevhash)),
    toHex(job.coinb1),
    toHex(job.coinb2),
    job.merkleBranches.map(toHex),
    hex32(job.version),
    hex32(job.nbits),
    hex32(job.ntime),
    job.clean,
  ];
}

/** Reverses the bytes inside each word of four, as Stratum V1 sends the previous hash. */
function swapWordBytes(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (_, index) => bytes[index ^ 3] ?? 0);
}
