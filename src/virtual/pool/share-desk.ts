import type { Clock } from "../../lib/clock.js";
import type { HeaderMemory } from "./header-memory.js";
import type { Verdict } from "./reject-reason.js";
import type { SentJobs } from "./sent-jobs.js";
import {
  judgeShare,
  parseSubmission,
  type RebuiltShare,
  type SentJob,
  type Submission,
} from "./share-judge.js";

/** What a share of one connection is held against. */
export interface DeskState {
  readonly isSubscribed: boolean;
  readonly workers: ReadonlySet<string>;
  readonly jobs: SentJobs;
  readonly versionMask: number | undefined;
  /** Headers of the shares that the pool accepted, from all connections. */
  readonly headers: HeaderMemory;
  readonly clock: Clock;
}

/** A submit and what the pool thinks of it, as far as the check came. */
export interface JudgedShare {
  readonly verdict: Verdict;
  readonly submission: Submission | undefined;
  readonly job: SentJob | undefined;
  readonly share: RebuiltShare | undefined;
}

/** Checks the parameters of a submit: subscribed, well-formed, worker, job, the share itself, duplicate. */
export function judgeSubmit(params: readonly unknown[], state: DeskState): JudgedShare {
  const { workers, jobs, versionMask, headers, clock } = state;
  const refused = (verdict: Verdict, submission?: Submission, job?: SentJob): JudgedShare => ({
    ...{ verdict, submission, job, share: undefined },
  });
  if (!state.isSubscribed) return refused("not-subscribed");
  const submission = parseSubmission(params);
  if (submission === undefined) return refused("malformed");
  if (workers.size === 0) return refused("unauthorized", submission);
  if (!workers.has(submission.worker)) return refused("worker-mismatch", submission);
  const found = jobs.find(submission.jobId, clock.nowMs());
  if (found === undefined) return refused("unknown-job", submission);
  const { job, isStale } = found;
  if (isStale) return refused("stale", submission, job);

  const judgement = judgeShare(submission, job, {
    unixS: Math.floor(clock.unixMs() / 1000),
    versionMask,
  });
  const { share } = judgement;
  if (!judgement.ok) return { verdict: judgement.reason, submission, job, share };
  const isNew = headers.add(judgement.share.header, clock.nowMs());
  return { verdict: isNew ? "accepted" : "duplicate", submission, job, share };
}
