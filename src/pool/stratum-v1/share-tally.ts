import type {
  PoolHealth,
  PoolJob,
  PoolSnapshot,
  RejectReason,
  ShareOutcome,
  ShareSubmission,
} from "../pool-client.js";
import { type ShareCounts, countShare, noShares } from "../share-counts.js";
import { RecentAnswers } from "./recent-answers.js";

// Smoothing of TCP's round-trip time (documented: RFC 6298): an eighth of each new sample.
const LATENCY_WEIGHT = 1 / 8;

/** The part of a snapshot that is about shares. */
type ShareSnapshot = ShareCounts &
  Pick<
    PoolSnapshot,
    "bestDifficulty" | "latencyMs" | "lastAcceptedAgoS" | "lastAcceptedDifficulty"
  >;

/** The part of a pool's health that is about shares. */
type ShareHealth = Pick<
  PoolHealth,
  "refusedInARow" | "refusedForMs" | "answeredRecently" | "rejectedRecently"
>;

// Refusals that a fault of ours explains, or a session that the pool has lost: a new one may help.
const CURED_BY_REOPENING: ReadonlySet<RejectReason> = new Set([
  "low-difficulty",
  "version",
  "unauthorized",
  "not-subscribed",
]);

/** Counts what became of shares. Difficulties are those of the jobs, as a pool credits them. */
export class ShareTally {
  readonly #counts = noShares();
  readonly #recent = new RecentAnswers();
  #bestDifficulty = 0;
  #latencyMs: number | undefined;
  #lastAcceptedMs: number | undefined;
  #lastAcceptedDifficulty = 0;
  #curableInARow = 0;
  #refusedInARow = 0;
  #firstRefusedMs = 0;
  #lastRefusedMs = 0;

  get accepted(): number {
    return this.#counts.accepted;
  }

  /** Rejects since the last accepted share that a new session may end. */
  get curableInARow(): number {
    return this.#curableInARow;
  }

  /** All counts as they are now. */
  snapshot(nowMs: number): ShareSnapshot {
    const lastMs = this.#lastAcceptedMs;
    return {
      ...structuredClone(this.#counts),
      bestDifficulty: this.#bestDifficulty,
      latencyMs: this.#latencyMs,
      lastAcceptedAgoS: lastMs === undefined ? undefined : (nowMs - lastMs) / 1000,
      lastAcceptedDifficulty: this.#lastAcceptedDifficulty,
    };
  }

  /** How the pool answers. */
  health(nowMs: number): ShareHealth {
    const { answered, rejected } = this.#recent.sum(nowMs);
    return {
      refusedInARow: this.#refusedInARow,
      refusedForMs: this.#refusedInARow === 0 ? 0 : this.#lastRefusedMs - this.#firstRefusedMs,
      answeredRecently: answered,
      rejectedRecently: rejected,
    };
  }

  /** Begins a new row of rejects that a new session may end. */
  forgetCurable(): void {
    this.#curableInARow = 0;
  }

  /** Begins a new row of refused shares. */
  forgetRefused(): void {
    this.#refusedInARow = 0;
  }

  /** Counts an outcome; `job` is the share's, if it is still known. */
  count(
    outcome: ShareOutcome,
    share: ShareSubmission,
    job: PoolJob | undefined,
    nowMs: number,
  ): void {
    this.#judge(outcome, nowMs);
    countShare(this.#counts, outcome, job?.difficulty ?? 0);
    if (outcome.result !== "accepted") return;
    this.#bestDifficulty = Math.max(this.#bestDifficulty, share.difficulty ?? 0);
    this.#lastAcceptedMs = nowMs;
    this.#lastAcceptedDifficulty = job?.difficulty ?? 0;
  }

  #judge(outcome: ShareOutcome, nowMs: number): void {
    if (outcome.result === "accepted") {
      this.#recent.add(nowMs, false);
      this.forgetCurable();
      this.forgetRefused();
    } else if (outcome.result === "stale" || outcome.result === "rejected") {
      const isRejected = outcome.result === "rejected";
      this.#recent.add(nowMs, isRejected);
      if (isRejected && CURED_BY_REOPENING.has(outcome.reason)) this.#curableInARow += 1;
      if (this.#refusedInARow === 0) this.#firstRefusedMs = nowMs;
      this.#refusedInARow += 1;
      this.#lastRefusedMs = nowMs;
    }
  }

  /** Takes the time from a submit to its answer. */
  sampleLatency(ms: number): void {
    const smoothed = this.#latencyMs ?? ms;
    this.#latencyMs = smoothed + LATENCY_WEIGHT * (ms - smoothed);
  }
}
