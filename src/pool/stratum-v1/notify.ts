import { targetFromCompact } from "../../bitcoin/target.js";
import { parseBytes, parseHex32 } from "./fields.js";

/** The checked content of a mining.notify. */
export interface Notify {
  /** In the JSON type the pool uses. */
  readonly jobId: string | number;
  /** 32 bytes, header order. */
  readonly prevhash: Uint8Array;
  readonly coinb1: Uint8Array;
  readonly coinb2: Uint8Array;
  /** 32 bytes each. */
  readonly merkleBranches: readonly Uint8Array[];
  readonly version: number;
  readonly nbits: number;
  readonly ntime: number;
  readonly cleanJobs: boolean;
}

const MIN_PARAMS = 9;

// Decided: more than any block can have; each costs a hash a work.
const MAX_BRANCHES = 32;

// Decided: real ones have up to some 70; a submit, which repeats it, must stay below 1024 bytes.
export const MAX_JOB_ID_BYTES = 256;

const HASH_BYTES = 32;
const WORD_BYTES = 4;

/** The parameters of a mining.notify; undefined when one of them cannot be used. */
export function parseNotify(params: readonly unknown[]): Notify | undefined {
  if (params.length < MIN_PARAMS) return undefined;
  const [jobId, prevhashStratum, coinb1Hex, coinb2Hex, branches, versionHex, nbitsHex, ntimeHex] =
    params;
  // Some pools insert values; the flag is always the last.
  const cleanJobs = params.at(-1);
  const words = parseBytes(prevhashStratum, HASH_BYTES);
  const coinb1 = parseBytes(coinb1Hex);
  const coinb2 = parseBytes(coinb2Hex);
  const merkleBranches = parseBranches(branches);
  const version = parseHex32(versionHex);
  const nbits = parseHex32(nbitsHex);
  const ntime = parseHex32(ntimeHex);
  if (!isUsableId(jobId)) return undefined;
  if (typeof cleanJobs !== "boolean" || words === undefined) return undefined;
  if (coinb1 === undefined || coinb2 === undefined || merkleBranches === undefined)
    return undefined;
  if (version === undefined || nbits === undefined || ntime === undefined) return undefined;
  if (targetFromCompact(nbits) === undefined) return undefined;
  const prevhash = swapWords(words);
  return { jobId, prevhash, coinb1, coinb2, merkleBranches, version, nbits, ntime, cleanJobs };
}

/** An id goes back as it came: a number beyond what JSON numbers hold exactly would not. */
function isUsableId(jobId: unknown): jobId is string | number {
  if (typeof jobId === "number") return Number.isSafeInteger(jobId);
  return typeof jobId === "string" && Buffer.byteLength(JSON.stringify(jobId)) <= MAX_JOB_ID_BYTES;
}

/** The header order of a prevhash as V1 sends it: the bytes of each 4-byte word reversed. */
function swapWords(prevhashStratum: Uint8Array): Uint8Array {
  const prevhash = new Uint8Array(prevhashStratum);
  for (let start = 0; start < prevhash.length; start += WORD_BYTES)
    prevhash.subarray(start, start + WORD_BYTES).reverse();
  return prevhash;
}

function parseBranches(value: unknown): readonly Uint8Array[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_BRANCHES) return undefined;
  const branches = value.map((branch: unknown) => parseBytes(branch, HASH_BYTES));
  return branches.every((branch) => branch !== undefined) ? branches : undefined;
}
