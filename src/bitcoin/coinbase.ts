import { sha256d } from "./sha256d.js";

/** The coinbase transaction of a job, without witness data, in the three pieces a miner gets. */
export interface CoinbaseParts {
  /** Everything before extranonce2: coinb1 and extranonce1. */
  readonly prefix: Uint8Array;
  readonly extranonce2: Uint8Array;
  /** Everything after extranonce2: coinb2. */
  readonly suffix: Uint8Array;
}

/** The id of the coinbase transaction: 32 bytes as hashed. */
export function coinbaseTxid({ prefix, extranonce2, suffix }: CoinbaseParts): Uint8Array {
  return sha256d(prefix, extranonce2, suffix);
}
