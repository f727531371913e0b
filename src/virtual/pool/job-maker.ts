import { createHash } from "node:crypto";
import { hex32 } from "../../lib/bytes.js";
import { makeCoinbase } from "./coinbase.js";
import type { JobTemplate } from "./job-template.js";
import type { SeededRandom } from "./seeded-random.js";

export interface JobMakerOptions {
  /** Bytes of extranonce1 and extranonce2 together. */
  readonly extranonceSize: number;
  /** Merkle branches of a job; 0 to 14 by chance when "random". */
  readonly merkleBranches: number | "random";
  /** Outputs that pay somebody; 1 to 3 by chance when "random". */
  readonly payouts: number | "random";
  readonly nbits: number;
  /** Unix seconds of the start, the front half of every job id. */
  readonly startUnixS: number;
  /** Blocks by which this pool is behind the others. */
  readonly lagBlocks: number;
}

/** What a job may have that the options of the pool do not say. */
export interface JobShape {
  readonly id?: string;
  /** Stands before the id. */
  readonly idPrefix?: string;
  /** Ids are small numbers. */
  readonly hasNumberId?: boolean;
  readonly merkleBranches?: number;
  /** Clean jobs have no branches. */
  readonly cleanIsEmpty?: boolean;
  readonly payouts?: number;
  readonly version?: number;
  /** Added to the time of the job. */
  readonly ntimeOffsetS?: number;
  /** Blocks further behind. */
  readonly lagBlocks?: number;
  readonly clean?: boolean;
}

const FIRST_HEIGHT = 900_000;
const MAX_RANDOM_BRANCHES = 14;
const MAX_RANDOM_PAYOUTS = 3;

// BIP9 version without signalling: bits 13 to 28 are clear and free to roll.
const JOB_VERSION = 0x20000000;

// A previous hash meets its own target, so its top bytes, the last ones in the header, are zero.
const PREVHASH_RANDOM_BYTES = 22;

/** Makes jobs that look like those of a pool on the main network. All pools see one chain of blocks. */
export class JobMaker {
  readonly #options: JobMakerOptions;
  readonly #random: SeededRandom;
  #height: number;
  #count = 0;

  constructor(options: JobMakerOptions, random: SeededRandom) {
    this.#options = options;
    this.#random = random;
    this.#height = FIRST_HEIGHT - options.lagBlocks;
  }

  /** From now on jobs build on another block. */
  advanceBlock(): void {
    this.#height++;
  }

  /** A new job; no two have the same id, unless `shape` says so, or the same coinbase. */
  makeJob(unixS: number, clean: boolean, shape: JobShape = {}): JobTemplate {
    const { merkleBranches, payouts, nbits, extranonceSize, startUnixS } = this.#options;
    const isEmpty = clean && shape.cleanIsEmpty === true;
    const wanted = isEmpty ? 0 : (shape.merkleBranches ?? merkleBranches);
    const branches = this.#choose(wanted, 0, MAX_RANDOM_BRANCHES);
    const height = this.#height - (shape.lagBlocks ?? 0);
    const count = this.#count++;
    const id = `${shape.idPrefix ?? ""}${startUnixS.toString(16)}${hex32(count)}`;
    const ntime = unixS + (shape.ntimeOffsetS ?? 0);
    return {
      id: shape.hasNumberId === true ? count : (shape.id ?? id),
      prevhash: blockHash(height - 1),
      ...makeCoinbase({
        height,
        unixS,
        extranonceSize,
        payouts: this.#choose(shape.payouts ?? payouts, 1, MAX_RANDOM_PAYOUTS),
        random: this.#random,
      }),
      merkleBranches: Array.from({ length: branches }, () => this.#random.bytes(32)),
      version: shape.version ?? JOB_VERSION,
      nbits,
      ntime,
      clean: shape.clean ?? clean,
    };
  }

  #choose(wanted: number | "random", min: number, max: number): number {
    return wanted === "random" ? this.#random.integer(min, max) : wanted;
  }
}

/** The hash of a block of the chain that all test pools see, in the order of the header. */
function blockHash(height: number): Uint8Array {
  const digest = createHash("sha256")
    .update(`block ${String(height)}`)
    .digest();
  const hash = new Uint8Array(32);
  hash.set(digest.subarray(0, PREVHASH_RANDOM_BYTES));
  return hash;
}
