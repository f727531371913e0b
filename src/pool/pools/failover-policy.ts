/** When a pool is left for another and when it gets the hash power back. Times in milliseconds. */
export interface FailoverPolicy {
  /** A submit without an answer for so long: leave. */
  readonly answerMs: number;
  /** A pool without work for so long after its start: start the next one as well. */
  readonly openMs: number;
  /** No new work for so long: leave. */
  readonly noWorkMs: number;
  /** A better pool must have had work without a break for so long before it gets the hash power back. */
  readonly healthyMs: number;
  /** So many refused shares since the last accepted one, not all at once: leave. */
  readonly refusedInARow: number;
  /** Part of the shares of 10 minutes, at least 50, refused for another reason than stale: warn. */
  readonly rejectShare: number;
  /** Leave for `rejectShare` too. */
  readonly leaveOnRejects: boolean;
  /** So many unusable jobs in a row: leave. */
  readonly badJobs: number;
  /** A pool left alive stays open so long for answers and late shares. */
  readonly collectMs: number;
}

/**
 * Decided: together they give the next pool's first share within 15 s of silence, and the primary back
 * within 60 s of its health (docs/adr/0009-failover.md).
 */
export const DEFAULT_FAILOVER: FailoverPolicy = {
  answerMs: 6_000,
  openMs: 6_000,
  noWorkMs: 120_000,
  healthyMs: 30_000,
  refusedInARow: 8,
  rejectShare: 0.2,
  leaveOnRejects: false,
  badJobs: 3,
  collectMs: 10_000,
};

// Decided: a return that does not last makes the next one wait twice as long, up to this.
const MAX_HEALTHY_MS = 300_000;

/** A stay of this length was no failure, whatever ended it. Decided. */
export const LASTING_MS = 600_000;

/** How long a pool has to be healthy before it returns, after `failedReturns` that did not last. */
export function waitForReturnMs(policy: FailoverPolicy, failedReturns: number): number {
  const doubled = policy.healthyMs * 2 ** failedReturns;
  return Math.max(policy.healthyMs, Math.min(doubled, MAX_HEALTHY_MS));
}
