import type { DropReason, PoolJob, ShareSubmission } from "../pool-client.js";
import { type JobBook, rollable } from "./job-book.js";

// Documented: ckpool takes an ntime up to 7000 s ahead of its job's, DATUM and Bitcoin some 7200 s.
const MAX_NTIME_AHEAD_S = 7000;

/** Why a share whose job the book does not have (any more) is of no use. */
export function reasonWithoutJob(jobs: JobBook, share: ShareSubmission): DropReason {
  if (jobs.sessionKey === undefined) return "not-connected";
  return share.sessionKey === jobs.sessionKey ? "stale-job" : "old-session";
}

/** Why the pool would refuse a share, as far as that can be known before sending; undefined if not. */
export function findDropReason(
  jobs: JobBook,
  job: PoolJob,
  share: ShareSubmission,
  poolMask: number | undefined,
): DropReason | undefined {
  if (jobs.find(job.key) === undefined) return reasonWithoutJob(jobs, share);
  const aheadS = share.ntime - job.ntime;
  if (share.extranonce2.length !== job.extranonce2Size) return "malformed";
  if (aheadS < 0 || aheadS > MAX_NTIME_AHEAD_S) return "malformed";
  // The mask of now counts, not the job's: a pool applies a new one at once (documented: BIP310).
  const rolledBits = share.version ^ job.version;
  return (rolledBits & ~rollable(job.version, poolMask)) === 0 ? undefined : "version-mask";
}
