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
}

const FIRST_HEIGHT = 900_000;
const MAX_RANDOM_BRANCHES = 14;
const MAX_RANDOM_PAYOUTS = 3;

// BIP9 version without signalling: bits 13 to 28 are clear and free to roll.
const JOB_VERSION = 0x20000000;

// A previous hash meets its own target, so its top bytes, the last ones in the header, are zero.
const PREVHASH_RANDOM_BYTES = 22;

/** Makes jobs that look like those of a pool on the main network. */
export class JobMaker {
  readonly #options: JobMakerOptions;
  readonly #random: SeededRandom;
  #height = FIRST_HEIGHT;
  #prevhash: Uint8Array;
  #count = 0;

  constructor(options: JobMakerOptions, random: SeededRandom) {
    this.#options = options;
    this.#random = random;
    this.#prevhash = this.#makePrevhash();
  }

  /** From now on jobs build on another block. */
  advanceBlock(): void {
    this.#height++;
    this.#prevhash = this.#makePrevhash();
  }

  /** A new job; no two have the same id or the same coinbase. */
  makeJob(unixS: number, clean: boolean): JobTemplate {
    const { merkleBranches, payouts, nbits, extranonceSize, startUnixS } = this.#options;
    const branches = this.#choose(merkleBranches, 0, MAX_RANDOM_BRANCHES);
    return {
      id: startUnixS.toString(16) + (this.#count++).toString(16).padStart(8, "0"),
      prevhash: this.#prevhash,
      ...makeCoinbase({
        height: this.#height,
        unixS,
        extranonceSize,
        payouts: this.#choose(payouts, 1, MAX_RANDOM_PAYOUTS),
        random: this.#random,
      }),
      merkleBranches: Array.from({ length: branches }, () => this.#random.bytes(32)),
      version: JOB_VERSION,
      nbits,
      ntime: unixS,
      clean,
    };
  }

  #choose(wanted: number | "random", min: number, max: number): number {
    return wanted === "random" ? this.#random.integer(min, max) : wanted;
  }

  #makePrevhash(): Uint8Array {
    const prevhash = new Uint8Array(32);
    prevhash.set(this.#random.bytes(PREVHASH_RANDOM_BYTES));
    return prevhash;
  }
}
