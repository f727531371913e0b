import type { MinerError } from "../lib/errors.js";
import type { TypedEmitter } from "../lib/events.js";
import type { Endpoint, LinkSecurity } from "./transport/link.js";

/** A source of numbers that no other caller in this process gets: keys of jobs and sessions. */
export type KeySource = () => number;

/** A key source that counts from 1; the program makes one and gives it to every pool client. */
export function keySource(): KeySource {
  let last = 0;
  return () => ++last;
}

/**
 * A pool's job with everything that work and shares of it need. Immutable. A later job may have the
 * same content with another key, target or version mask; extranonce2 must go on counting for it.
 */
export interface PoolJob {
  /** Names this job within the process; shares refer to it. */
  readonly key: number;
  /** The `key` of the client that announced it: shares go nowhere else. */
  readonly poolKey: number;
  /** Changes whenever extranonce1 does. */
  readonly sessionKey: number;
  /** As the pool sent it, in its JSON type. */
  readonly jobId: string | number;
  /** 32-bit number. */
  readonly version: number;
  /** Version bits that may be rolled: allowed by chip and pool and clear in `version`. */
  readonly versionMask: number;
  /** 32 bytes, header order. */
  readonly prevhash: Uint8Array;
  /** 32-bit number. */
  readonly nbits: number;
  /** 32-bit number, Unix seconds: the least that a share of this job may carry. */
  readonly ntime: number;
  /** coinb1 and extranonce1. */
  readonly coinbasePrefix: Uint8Array;
  /** 0 to 32 bytes. */
  readonly extranonce2Size: number;
  /** coinb2. */
  readonly coinbaseSuffix: Uint8Array;
  /** 32 bytes each, as hashed. */
  readonly merkleBranches: readonly Uint8Array[];
  /** True when work of every earlier job is worthless from now on. */
  readonly clean: boolean;
  /** A share counts when its hash is at most this; stays as it is for the life of the job. */
  readonly target: bigint;
  /** The difficulty of `target` as the pool said it. */
  readonly difficulty: number;
  /** Monotonic milliseconds when the line was read. */
  readonly receivedAtMs: number;
}

/** A share found for a job. The finder has compared its hash with the job's target. */
export interface ShareSubmission {
  readonly jobKey: number;
  /** The `key` of the client whose job it is of. */
  readonly poolKey: number;
  readonly sessionKey: number;
  /** As many bytes as the job's `extranonce2Size`. */
  readonly extranonce2: Uint8Array;
  readonly ntime: number;
  readonly nonce: number;
  /** The whole header version. */
  readonly version: number;
  /** Real difficulty of the hash, for statistics only. */
  readonly difficulty?: number;
}

/** Why a pool refused a share, whatever words and codes it has for it. */
export const REJECT_REASONS = [
  "stale",
  "duplicate",
  "low-difficulty",
  "ntime",
  "version",
  "unauthorized",
  "not-subscribed",
  "unsupported",
  "other",
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** Why a share was not sent. */
export const DROP_REASONS = [
  /** Extranonce1 has changed since the job. */
  "old-session",
  /** The job was withdrawn by a later one. */
  "stale-job",
  /** Bits rolled that the pool does not, or no longer, allow. */
  "version-mask",
  /** The same share was sent before. */
  "duplicate",
  /** Wrong extranonce2 size, or ntime before the job's or far ahead of it. */
  "malformed",
  /** The client was stopped, or too many shares wait for a session. */
  "not-connected",
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

export type ShareOutcome =
  | { readonly result: "accepted" }
  | { readonly result: "rejected"; readonly reason: RejectReason; readonly text: string }
  | { readonly result: "stale"; readonly text: string }
  /** Sent, and never answered. */
  | { readonly result: "lost" }
  /** Not sent. */
  | { readonly result: "dropped"; readonly reason: DropReason };

/**
 * `connecting`: no TCP connection yet. `opening`: connected, not authorized or without work.
 * `ready`: work has been announced. `waiting`: pause before the next attempt.
 */
export type PoolState = "stopped" | "connecting" | "opening" | "ready" | "waiting";

/** Something the operator may want to read; never holds a password. */
export interface PoolNotice {
  readonly kind: "pool-message" | "ignored-line" | "warning";
  readonly text: string;
}

/** Limits of a client, all in milliseconds of the monotonic clock. */
export interface PoolTimeouts {
  /** From start to a link that takes our bytes: TCP, proxy and TLS. */
  readonly openMs: number;
  /** For the answers to subscribe and authorize. */
  readonly handshakeMs: number;
  /** For the answer to configure; without one the session goes on without version rolling. */
  readonly configureMs: number;
  /** Without any line the link is taken for dead. */
  readonly noLineMs: number;
  /** Without new work the operator is warned. */
  readonly noJobMs: number;
  /** A submit without an answer counts as lost; a held share waits no longer either. */
  readonly submitMs: number;
  /** A refused login is not tried again sooner. */
  readonly refusedPauseMs: number;
  /** The longest pause between attempts. */
  readonly maxPauseMs: number;
}

/** Decided: cgminer calls 90 s without a line dead, ESP-Miner 180 s; pools send work every 30 to 60 s. */
export const DEFAULT_TIMEOUTS: PoolTimeouts = {
  openMs: 8_000,
  handshakeMs: 30_000,
  configureMs: 10_000,
  noLineMs: 180_000,
  noJobMs: 120_000,
  submitMs: 120_000,
  refusedPauseMs: 60_000,
  maxPauseMs: 60_000,
};

/** How a pool does, for choosing between pools. */
export interface PoolHealth {
  readonly state: PoolState;
  /** Monotonic milliseconds since when the session has been usable with work; undefined when it is not. */
  readonly readySinceMs: number | undefined;
  /** Age of the oldest submit without an answer; undefined when none waits. */
  readonly oldestUnansweredMs: number | undefined;
  /** Refused shares, for any reason, since the last accepted one in this session. */
  readonly refusedInARow: number;
  /** From the first to the last of them. */
  readonly refusedForMs: number;
  /** Shares answered in the last 10 minutes. */
  readonly answeredRecently: number;
  /** Those of them that were refused for another reason than being stale. */
  readonly rejectedRecently: number;
  /** Time since the last new work of this session; undefined before the first. */
  readonly jobAgeMs: number | undefined;
  /** Unusable mining.notify since the last good one in this session. */
  readonly badJobsInARow: number;
  /** Attempts and sessions that failed since the last session that became ready. */
  readonly failuresInARow: number;
  /** Height in the coinbase of the current job (BIP34), if it can be read; for comparing pools. */
  readonly blockHeight: number | undefined;
}

/** What a client has counted since it was made, and how it stands. */
export interface PoolSnapshot {
  /** What commands and logs call the pool. */
  readonly name: string;
  readonly url: string;
  readonly user: string;
  readonly state: PoolState;
  /** How far the link can be trusted; undefined without one. */
  readonly security: LinkSecurity | undefined;
  /** Where the bytes go: the pool's address, or that of the proxy. */
  readonly remote: Endpoint | undefined;
  /** Age of the session as one with work; undefined when it has none. */
  readonly readySinceS: number | undefined;
  /** Why the last session ended; undefined when none has, or a new one is ready. */
  readonly lastError: MinerError | undefined;
  /** Difficulty for the next job. */
  readonly difficulty: number;
  /** The difficulty last suggested to the pool in this session. */
  readonly suggestedDifficulty: number | undefined;
  /** Bytes; undefined before a subscription. */
  readonly extranonce1Size: number | undefined;
  /** Bytes; undefined before a subscription. */
  readonly extranonce2Size: number | undefined;
  /** Version bits that pool and chip allow; 0 when there is no rolling. */
  readonly versionMask: number;
  readonly accepted: number;
  /** Refused for another reason than being stale. */
  readonly rejected: number;
  readonly stale: number;
  readonly lost: number;
  readonly dropped: number;
  /** Sent and not answered yet. */
  readonly pending: number;
  /** Found while there was no session, waiting for one. */
  readonly held: number;
  /** Age of the oldest submit without an answer; undefined when none waits. */
  readonly oldestUnansweredMs: number | undefined;
  /** Sums of job difficulties, not of the shares' own. */
  readonly acceptedDifficulty: number;
  readonly rejectedDifficulty: number;
  readonly staleDifficulty: number;
  readonly rejectReasons: Readonly<Record<RejectReason, number>>;
  readonly dropReasons: Readonly<Record<DropReason, number>>;
  /** Highest real difficulty of an accepted share; 0 before the first. */
  readonly bestDifficulty: number;
  /** Since the pool last accepted a share; undefined before the first. */
  readonly lastAcceptedAgoS: number | undefined;
  /** Difficulty of that share's job; 0 before the first. */
  readonly lastAcceptedDifficulty: number;
  /** Smoothed time from submit to answer; undefined before the first answer. */
  readonly latencyMs: number | undefined;
  /** Answers to nothing that was asked. */
  readonly unknownReplies: number;
  /** TCP connections made. */
  readonly sessions: number;
  /** Sessions that went on with the extranonce1 of the one before. */
  readonly sessionResumed: number;
  /** Time since the last new work of this session; undefined before the first. */
  readonly jobAgeMs: number | undefined;
  /** Height in the coinbase of the current job (BIP34), if it can be read. */
  readonly blockHeight: number | undefined;
  /** No new work for so long that the pool may have lost us. */
  readonly isSuspicious: boolean;
}

export interface PoolEvents {
  /** The pool has taken the login and answered everything that work depends on. */
  authorized: [];
  /** New work; replaces the earlier at once when `clean`, else as the chips get to it. */
  job: [PoolJob];
  /** The state changed; with the error that ended a session, if one did. */
  state: [PoolState, MinerError | undefined];
  shareOutcome: [ShareSubmission, ShareOutcome];
  notice: [PoolNotice];
}

/** One pool as mining sees it. Nothing here blocks; events fire in the turn their bytes are read. */
export interface PoolClient extends TypedEmitter<PoolEvents> {
  /** Constant; every job of this client carries it as `poolKey`. */
  readonly key: number;
  /** Connects and stays connected until `stop`. */
  start(): void;
  /** Ends the session. Shares without an answer count as lost. */
  stop(): void;
  /** Sends a share in the same turn, or drops it. Resolves with what became of it; never rejects. */
  submit(share: ShareSubmission): Promise<ShareOutcome>;
  snapshot(): PoolSnapshot;
  /**
   * Ends the session, or the attempt, as failed with `error` and connects anew after a pause; shares
   * without an answer are lost. Does nothing when the client is stopped or pauses already.
   */
  restart(error: MinerError): void;
  /** Cheap enough to be asked every second. */
  health(): PoolHealth;
}
