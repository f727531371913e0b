import { MinerError } from "../../lib/errors.js";
import type { PoolHealth } from "../pool-client.js";
import type { FailoverPolicy } from "./failover-policy.js";

/** Something that speaks against the active pool. */
export interface Doubt {
  /** What was measured over its limit: from 1 on the pool is left when another is ready. */
  readonly level: number;
  /** Enough to get the next pool ready. */
  readonly isSuspicion: boolean;
  /** In words, for people. */
  readonly reason: string;
  readonly error: MinerError;
}

/** Shares answered since a pool became active, and those refused for another reason than stale. */
export interface StayCounts {
  readonly answered: number;
  readonly rejected: number;
}

/** What a pool is compared with: the height that another ready pool shows, and for how long. */
export interface Rival {
  readonly blockHeight: number;
  readonly aheadMs: number;
}

// Decided: a single burst of refusals, as after a block, is no reason yet.
const REFUSED_SPAN_MS = 5_000;
// Decided: the first refusals after a block are stale ones of every pool.
const REFUSED_SUSPICION = 3;
const MIN_ANSWERED = 50;
/** A pool a block behind the others for so long works for nothing. Decided. */
const BEHIND_MS = 15_000;
/** Below the level at which a pool is restarted although there is no other. */
const NOT_URGENT = 3;

/** The strongest doubt in the active pool; undefined when nothing speaks against it. */
export function findDoubt(
  health: PoolHealth,
  policy: FailoverPolicy,
  stay: StayCounts,
  rival: Rival | undefined,
): Doubt | undefined {
  const doubts = [
    unanswered(health, policy),
    withoutWork(health, policy),
    behind(health, policy, rival),
    refusing(health, policy),
    rejecting(health, policy, stay),
    badJobs(health, policy),
  ];
  return doubts.reduce((worst, doubt) =>
    doubt !== undefined && doubt.level > (worst?.level ?? 0) ? doubt : worst,
  );
}

/** No new work for so long that another pool should be at hand. */
export function isShortOfWork(health: PoolHealth, policy: FailoverPolicy): boolean {
  return (health.jobAgeMs ?? 0) >= policy.noWorkMs / 2;
}

/** More shares refused than the policy finds normal. Stale ones do not count. */
export function rejectsTooMany(
  { answered, rejected }: StayCounts,
  policy: FailoverPolicy,
): boolean {
  return answered >= MIN_ANSWERED && rejected > policy.rejectShare * answered;
}

function unanswered(
  { oldestUnansweredMs }: PoolHealth,
  { answerMs }: FailoverPolicy,
): Doubt | undefined {
  if (oldestUnansweredMs === undefined) return undefined;
  return {
    level: oldestUnansweredMs / answerMs,
    isSuspicion: oldestUnansweredMs >= answerMs / 3,
    reason: `no answer to a share for ${seconds(oldestUnansweredMs)}`,
    error: new MinerError("POOL_SILENT", {
      request: "mining.submit",
      silentMs: Math.round(oldestUnansweredMs),
    }),
  };
}

function withoutWork(health: PoolHealth, policy: FailoverPolicy): Doubt | undefined {
  const { jobAgeMs } = health;
  if (jobAgeMs === undefined) return undefined;
  return {
    level: jobAgeMs / policy.noWorkMs,
    isSuspicion: isShortOfWork(health, policy),
    reason: `no new work for ${seconds(jobAgeMs)}`,
    error: new MinerError("POOL_SILENT", {
      request: "mining.notify",
      silentMs: Math.round(jobAgeMs),
    }),
  };
}

function behind(
  health: PoolHealth,
  policy: FailoverPolicy,
  rival: Rival | undefined,
): Doubt | undefined {
  if (rival === undefined || rival.aheadMs < BEHIND_MS || !isShortOfWork(health, policy))
    return undefined;
  return {
    level: 1,
    isSuspicion: true,
    reason: `another pool has block ${rival.blockHeight}, this one still works on ${health.blockHeight ?? 0}`,
    error: new MinerError("POOL_LEFT", { reason: "behind", otherHeight: rival.blockHeight }),
  };
}

function refusing(health: PoolHealth, policy: FailoverPolicy): Doubt | undefined {
  const { refusedInARow, refusedForMs } = health;
  if (refusedInARow === 0) return undefined;
  const level = refusedInARow / policy.refusedInARow;
  return {
    level: refusedForMs >= REFUSED_SPAN_MS ? level : Math.min(level, 0.99),
    isSuspicion: refusedInARow >= Math.min(REFUSED_SUSPICION, policy.refusedInARow),
    reason: `${refusedInARow} shares refused in a row`,
    error: new MinerError("POOL_LEFT", { reason: "shares refused", shares: refusedInARow }),
  };
}

function rejecting(
  health: PoolHealth,
  policy: FailoverPolicy,
  stay: StayCounts,
): Doubt | undefined {
  const { answeredRecently: answered, rejectedRecently: rejected } = health;
  if (!policy.leaveOnRejects || !rejectsTooMany({ answered, rejected }, policy)) return undefined;
  // What was refused before the pool got another chance does not count against it again.
  if (!rejectsTooMany(stay, policy)) return undefined;
  return {
    level: Math.min(rejected / answered / policy.rejectShare, NOT_URGENT),
    isSuspicion: true,
    reason: `${rejected} of ${answered} shares refused`,
    error: new MinerError("POOL_LEFT", { reason: "rejects", rejected, answered }),
  };
}

function badJobs({ badJobsInARow }: PoolHealth, policy: FailoverPolicy): Doubt | undefined {
  if (badJobsInARow === 0) return undefined;
  return {
    level: badJobsInARow / policy.badJobs,
    isSuspicion: true,
    reason: `${badJobsInARow} unusable jobs in a row`,
    error: new MinerError("POOL_LEFT", { reason: "unusable jobs", jobs: badJobsInARow }),
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}
