import {
  DROP_REASONS,
  type DropReason,
  REJECT_REASONS,
  type RejectReason,
  type ShareOutcome,
} from "./pool-client.js";

/** What became of shares. Difficulties are those of the jobs, as a pool credits them. */
export interface ShareCounts {
  accepted: number;
  /** Refused for another reason than being stale. */
  rejected: number;
  stale: number;
  /** Sent, and never answered. */
  lost: number;
  /** Not sent. */
  dropped: number;
  acceptedDifficulty: number;
  rejectedDifficulty: number;
  staleDifficulty: number;
  readonly rejectReasons: Record<RejectReason, number>;
  readonly dropReasons: Record<DropReason, number>;
}

export function noShares(): ShareCounts {
  return {
    ...{ accepted: 0, rejected: 0, stale: 0, lost: 0, dropped: 0 },
    ...{ acceptedDifficulty: 0, rejectedDifficulty: 0, staleDifficulty: 0 },
    ...{ rejectReasons: zeroes(REJECT_REASONS), dropReasons: zeroes(DROP_REASONS) },
  };
}

/** Counts what became of a share of a job of this difficulty. */
export function countShare(
  counts: ShareCounts,
  outcome: ShareOutcome,
  jobDifficulty: number,
): void {
  switch (outcome.result) {
    case "accepted":
      counts.accepted += 1;
      counts.acceptedDifficulty += jobDifficulty;
      break;
    case "stale":
      counts.stale += 1;
      counts.staleDifficulty += jobDifficulty;
      counts.rejectReasons.stale += 1;
      break;
    case "rejected":
      counts.rejected += 1;
      counts.rejectedDifficulty += jobDifficulty;
      counts.rejectReasons[outcome.reason] += 1;
      break;
    case "lost":
      counts.lost += 1;
      break;
    case "dropped":
      counts.dropped += 1;
      counts.dropReasons[outcome.reason] += 1;
      break;
  }
}

/** A count of 0 for each name. */
export function zeroes<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
