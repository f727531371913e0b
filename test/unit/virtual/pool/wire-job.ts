import type { JobTemplate } from "../../../../src/virtual/pool/job-template.js";

/** The parameters of a `mining.notify` as the wire has them. */
export type NotifyParams = readonly [
  id: string,
  prevhash: string,
  coinb1: string,
  coinb2: string,
  branches: readonly string[],
  version: string,
  nbits: string,
  ntime: string,
  clean: boolean,
];

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

/** The job of a notify; the previous hash in header order is given by the vectors. */
export function templateOf(params: NotifyParams, prevhashHex: string): JobTemplate {
  const [id, , coinb1, coinb2, branches, version, nbits, ntime, clean] = params;
  return {
    id,
    prevhash: bytes(prevhashHex),
    coinb1: bytes(coinb1),
    coinb2: bytes(coinb2),
    merkleBranches: branches.map(bytes),
    version: parseInt(version, 16),
    nbits: parseInt(nbits, 16),
    ntime: parseInt(ntime, 16),
    clean,
  };
}
