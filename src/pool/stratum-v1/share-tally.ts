import {
  DROP_REASONS,
  type DropReason,
  type PoolJob,
  type PoolSnapshot,
  REJECT_REASONS,
  type RejectReason,
  type ShareOutcome,
  type ShareSubmission,
} from "../pool-client.js";

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
  #latencyMs: number | undefined;
  #ownFaultsInARow = 0;

  get accepted(): number {
    return this.#counts.accepted;
  }

  /** Rejects since the last accepted share that only a fault of ours explains. */
  get ownFaultsInARow(): number {
    return this.#ownFaultsInARow;
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

  /** Begins a new row of faults of ours. */
  forgetOwnFaults(): void {
    this.#ownFaultsInARow = 0;
  }

  /** Counts an outcome; `job` is the share's, if it is still known. */
  count(outcome: ShareOutcome, share: ShareSubmission, job: PoolJob | undefined): void {
    const counts = this.#counts;
    const difficulty = job?.difficulty ?? 0;
    switch (outcome.result) {
      case "accepted":
        counts.accepted += 1;
        counts.acceptedDifficulty += difficulty;
        counts.bestDifficulty = Math.max(counts.bestDifficulty, share.difficulty ?? 0);
        this.forgetOwnFaults();
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
        if (outcome.reason === "low-difficulty" || outcome.reason === "version")
          this.#ownFaultsInARow += 1;
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

  /** Takes the time from a submit to its answer. */
  sampleLatency(ms: number): void {
    const smoothed = this.#latencyMs ?? ms;
    this.#latencyMs = smoothed + LATENCY_WEIGHT * (ms - smoothed);
  }
}

function zeroes<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}
