import { sha256d } from "./sha256d.js";

/**
 * The merkle root (32 bytes, header order) of a block whose first transaction has this id.
 * `branches` are the 32-byte neighbours on the way up, in order; with none the root is the id.
 */
export function merkleRoot(coinbaseTxid: Uint8Array, branches: readonly Uint8Array[]): Uint8Array {
  return branches.reduce((root, branch) => sha256d(root, branch), coinbaseTxid);
}
