import { createHash } from "node:crypto";
import { parseHex } from "../../lib/bytes.js";
import type { JobTemplate } from "./job-template.js";
import type { RejectReason } from "./reject-reason.js";

/** How far ahead of the pool's clock a share may be. Documented: ckpool. */
const MAX_NTIME_AHEAD_S = 7000;

/** The values of a `mining.submit`, each in the form the wire gives it. */
export interface Submission {
  readonly worker: string;
  readonly jobId: unknown;
  readonly extranonce2: Uint8Array;
  readonly ntime: number;
  readonly nonce: number;
  /** Absent when the miner sent five parameters. */
  readonly versionBits: number | undefined;
}

/** A job as one connection got it. */
export interface SentJob {
  readonly template: JobTemplate;
  readonly extranonce1: Uint8Array;
  readonly extranonce2Size: number;
  /** What a share of this job has to reach and what it counts. */
  readonly difficulty: number;
  readonly target: bigint;
  readonly sentAtMs: number;
}

/** What holds at the moment a share comes in, whatever its job. */
export interface Moment {
  readonly unixS: number;
  /** Undefined when version rolling was not agreed. */
  readonly versionMask: number | undefined;
}

/** A share that could be rebuilt. */
export interface RebuiltShare {
  /** 80 bytes. */
  readonly header: Uint8Array;
  /** The hash as the number that is compared with a target. */
  readonly hash: bigint;
}

export type Judgement =
  | { readonly ok: true; readonly share: RebuiltShare }
  | { readonly ok: false; readonly reason: RejectReason; readonly share?: RebuiltShare };

/** Reads the parameters of `mining.submit`; undefined when they are not five or six proper values. */
export function parseSubmission(params: readonly unknown[]): Submission | undefined {
  if (params.length !== 5 && params.length !== 6) return undefined;
  const [worker, jobId, extranonce2Hex, ntimeHex, nonceHex, versionHex] = params;
  const extranonce2 = typeof extranonce2Hex === "string" ? parseHex(extranonce2Hex) : undefined;
  const ntime = parseNumber(ntimeHex);
  const nonce = parseNumber(nonceHex);
  const versionBits = parseNumber(versionHex);
  if (typeof worker !== "string" || extranonce2 === undefined) return undefined;
  if (ntime === undefined || nonce === undefined) return undefined;
  if (params.length === 6 && versionBits === undefined) return undefined;
  return { worker, jobId, extranonce2, ntime, nonce, versionBits };
}

/** Rebuilds a share from the job as it was sent and judges it; says nothing about duplicates. */
export function judgeShare(submission: Submission, job: SentJob, now: Moment): Judgement {
  const { template } = job;
  const { ntime, versionBits } = submission;
  if (submission.extranonce2.length !== job.extranonce2Size)
    return { ok: false, reason: "extranonce2-size" };
  if (ntime < template.ntime || ntime > now.unixS + MAX_NTIME_AHEAD_S)
    return { ok: false, reason: "ntime" };
  const version = rolledVersion(template.version, versionBits, now.versionMask);
  if (version === undefined) return { ok: false, reason: "version" };

  const coinbase = [template.coinb1, job.extranonce1, submission.extranonce2, template.coinb2];
  let merkleRoot = sha256d(...coinbase);
  for (const branch of template.merkleBranches) merkleRoot = sha256d(merkleRoot, branch);
  const header = Buffer.alloc(80);
  header.writeUInt32LE(version, 0);
  header.set(template.prevhash, 4);
  header.set(merkleRoot, 36);
  header.writeUInt32LE(ntime, 68);
  header.writeUInt32LE(template.nbits, 72);
  header.writeUInt32LE(submission.nonce, 76);
  const hash = BigInt(`0x${sha256d(header).reverse().toString("hex")}`);
  const share: RebuiltShare = { header, hash };
  return hash <= job.target ? { ok: true, share } : { ok: false, reason: "low-difficulty", share };
}

/**
 * The header version, undefined when the bits may not be. Documented: BIP310. Once rolling is agreed
 * the bits are wanted in every share (documented: DATUM), without it they must not be there.
 */
function rolledVersion(
  jobVersion: number,
  bits: number | undefined,
  mask: number | undefined,
): number | undefined {
  if (mask === undefined) return bits === undefined ? jobVersion : undefined;
  if (bits === undefined || (bits & ~mask) !== 0) return undefined;
  return ((jobVersion & ~mask) | bits) >>> 0;
}

/** Exactly eight hex digits as a number, most significant first. */
function parseNumber(text: unknown): number | undefined {
  return typeof text === "string" && /^[0-9a-f]{8}$/i.test(text) ? parseInt(text, 16) : undefined;
}

function sha256d(...parts: readonly Uint8Array[]): Buffer {
  const first = createHash("sha256");
  for (const part of parts) first.update(part);
  return createHash("sha256").update(first.digest()).digest();
}
