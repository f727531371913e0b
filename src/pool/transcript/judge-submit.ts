import { coinbaseTxid } from "../../bitcoin/coinbase.js";
import { headerHash, serializeHeader } from "../../bitcoin/header.js";
import { merkleRoot } from "../../bitcoin/merkle.js";
import { targetFromLe } from "../../bitcoin/target.js";
import { parseBytes, parseHex32 } from "../stratum-v1/fields.js";
import type { TranscriptJob } from "./job-memory.js";

/** What a share is, whatever the pool answered; one that is wrong in several ways gets the last of them here. */
export const VERDICTS = [
  /** Meets the target of its job, which was still wanted. */
  "good",
  /** The same header was sent before. */
  "duplicate",
  "low-difficulty",
  /** Bits outside the granted mask, bits without a grant, or none although they were agreed on. */
  "bad-version-bits",
  "ntime-too-old",
  "ntime-too-new",
  "wrong-extranonce2-size",
  /** A later line had withdrawn the job. */
  "stale-job",
  /** No usable mining.notify had that id, in that JSON type. */
  "unknown-job",
  "worker-not-authorized",
  /** Nothing has said what extranonce1 is. */
  "not-subscribed",
  /** Not five or six values of the proper widths. */
  "malformed",
] as const;

export type Verdict = (typeof VERDICTS)[number];

/** The values of a mining.submit. */
export interface Submit {
  readonly worker: string;
  readonly jobId: unknown;
  readonly extranonce2: Uint8Array;
  readonly ntime: number;
  readonly nonce: number;
  /** Undefined when there were five values. */
  readonly versionBits: number | undefined;
}

/** The header of a share as a pool by BIP310 rebuilds it. */
export interface RebuiltShare {
  /** 80 bytes. */
  readonly header: Uint8Array;
  /** 32 bytes as hashed. */
  readonly hashLe: Uint8Array;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** The job that the share is of: an earlier one of the same id where only that one fits. */
  readonly job: TranscriptJob;
  /** Undefined when extranonce2 has the wrong size. */
  readonly share: RebuiltShare | undefined;
}

// Documented: two hours ahead is what the network takes; ckpool stops 200 s earlier.
const MAX_NTIME_AHEAD_S = 7200;

const NUMBER_DIGITS = 8;

/** Reads the parameters of mining.submit; undefined when they cannot be a share. */
export function parseSubmit(params: unknown): Submit | undefined {
  if (!Array.isArray(params) || params.length < 5 || params.length > 6) return undefined;
  const [worker, jobId, extranonce2Hex, ntimeHex, nonceHex, bitsHex] = params as unknown[];
  const extranonce2 = parseBytes(extranonce2Hex);
  const ntime = parseFixed(ntimeHex);
  const nonce = parseFixed(nonceHex);
  const versionBits = parseFixed(bitsHex);
  if (typeof worker !== "string" || extranonce2 === undefined) return undefined;
  if (ntime === undefined || nonce === undefined) return undefined;
  if (params.length === 6 && versionBits === undefined) return undefined;
  return { worker, jobId, extranonce2, ntime, nonce, versionBits };
}

/**
 * Judges a share of a known job; says nothing about duplicates. `t`: seconds of the transcript when it was
 * sent; `poolMask`: what was granted then, undefined for no version rolling.
 */
export function judgeSubmit(
  submit: Submit,
  job: TranscriptJob,
  poolMask: number | undefined,
  t: number,
): Judgement {
  if (submit.extranonce2.length !== job.extranonce2Size) {
    const verdict = job.isWithdrawn ? "stale-job" : "wrong-extranonce2-size";
    return { verdict, job, share: undefined };
  }
  const share = rebuild(submit, job, poolMask);
  if (job.isWithdrawn) return { verdict: "stale-job", job, share };
  const { ntime } = job.notify;
  if (submit.ntime < ntime) return { verdict: "ntime-too-old", job, share };
  if (submit.ntime > ntime + MAX_NTIME_AHEAD_S + Math.max(0, t - job.t))
    return { verdict: "ntime-too-new", job, share };
  if (!areBitsAllowed(submit.versionBits, poolMask))
    return { verdict: "bad-version-bits", job, share };
  if (isMet(job, share)) return { verdict: "good", job, share };
  return findEarlier(submit, job, poolMask, share) ?? { verdict: "low-difficulty", job, share };
}

/** Documented: BIP310 wants the bits in every share once rolling is agreed on. */
function areBitsAllowed(bits: number | undefined, poolMask: number | undefined): boolean {
  if (poolMask === undefined || bits === undefined)
    return poolMask === undefined && bits === undefined;
  return (bits & ~poolMask) === 0;
}

/** A pool may use an id again with other content; a share that fits only what stood there before is late. */
function findEarlier(
  submit: Submit,
  { earlier }: TranscriptJob,
  poolMask: number | undefined,
  now: RebuiltShare,
): Judgement | undefined {
  for (let job = earlier; job !== undefined; job = job.earlier) {
    if (submit.extranonce2.length !== job.extranonce2Size) continue;
    const share = rebuild(submit, job, poolMask);
    // The same work announced again at another difficulty is still that work.
    if (Buffer.compare(share.hashLe, now.hashLe) === 0) continue;
    if (isMet(job, share)) return { verdict: "stale-job", job, share };
  }
  return undefined;
}

function isMet({ target }: TranscriptJob, { hashLe }: RebuiltShare): boolean {
  return targetFromLe(hashLe) <= target;
}

function rebuild(submit: Submit, job: TranscriptJob, poolMask = 0): RebuiltShare {
  const { notify, extranonce1 } = job;
  const { extranonce2, ntime, nonce, versionBits = 0 } = submit;
  const prefix = Buffer.concat([notify.coinb1, extranonce1]);
  const txid = coinbaseTxid({ prefix, extranonce2, suffix: notify.coinb2 });
  const header = serializeHeader({
    version: ((notify.version & ~poolMask) | (versionBits & poolMask)) >>> 0,
    prevhash: notify.prevhash,
    merkleRoot: merkleRoot(txid, notify.merkleBranches),
    ntime,
    nbits: notify.nbits,
    nonce,
  });
  return { header, hashLe: headerHash(header) };
}

function parseFixed(hex: unknown): number | undefined {
  return typeof hex === "string" && hex.length === NUMBER_DIGITS ? parseHex32(hex) : undefined;
}
