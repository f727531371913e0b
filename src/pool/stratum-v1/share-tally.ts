import {
  DROP_REASONS,
  type DropReason,
  type PoolHealth,
  type PoolJob,
  type PoolSnapshot,
  REJECT_REASONS,
  type RejectReason,
  type ShareOutcome,
  type ShareSubmission,
} from "../pool-client.js";
import { RecentAnswers } from "./recent-answers.js";

// Smoothing of TCP's round-trip time (documented: RFC 6298): an eighth of each new sample.
const LATENCY_WEIGHT = 1 / 8;

/** The part of a snapshot that is about shares. */
export type ShareCounts = Pick<
  PoolSnapshot,
  | "accepted"
  | "rejected"
  | "stale"
  | "lost"
  | "dropped"
  | "acceptedDifficulty"
  | "rejectedDifficulty"
  | "staleDifficulty"
  | "rejectReasons"
  | "dropReasons"
  | "bestDifficulty"
  | "latencyMs"
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
  readonly #counts = {
    accepted: 0,
    rejected: 0,
    stale: 0,
    lost: 0,
    dropped: 0,
    acceptedDifficulty: 0,
    rejectedDifficulty: 0,
    staleDifficulty: 0,
    bestDifficulty: 0,
  };
  readonly #rejectReasons = zeroes<RejectReason>(REJECT_REASONS);
  readonly #dropReasons = zeroes<DropReason>(DROP_REASONS);
  readonly #recent = new RecentAnswers();
  #latencyMs: number | undefined;
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
  snapshot(): ShareCounts {
    return {
      ...this.#counts,
      rejectReasons: { ...this.#rejectReasons },
      dropReasons: { ...this.#dropReasons },
      latencyMs: this.#latencyMs,
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
    const counts = this.#counts;
    this.#judge(outcome, nowMs);
    const difficulty = job?.difficulty ?? 0;
    switch (outcome.result) {
      case "accepted":
        counts.accepted += 1;
        counts.acceptedDifficulty += difficulty;
        counts.bestDifficulty = Math.max(counts.bestDifficulty, share.difficulty ?? 0);
        break;
      case "stale":
        counts.stale += 1;
        counts.staleDifficulty += difficulty;
        this.#rejectReasons.stale += 1;
        break;
      case "rejected":
        counts.rejected += 1;
        counts.rejectedDifficulty += difficulty;
        this.#rejectReasons[outcome.reason] += 1;
        break;
      case "lost":
        counts.lost += 1;
        break;
      case "dropped":
        counts.dropped += 1;
        this.#dropReasons[outcome.reason] += 1;
        break;
    }
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

function zeroes<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}
