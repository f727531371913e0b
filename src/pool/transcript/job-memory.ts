import type { Notify } from "../stratum-v1/notify.js";
import type { Extranonce } from "../stratum-v1/responses.js";

/** A job as one session got it, with what held when it came. */
export interface TranscriptJob extends Extranonce {
  readonly notify: Notify;
  readonly difficulty: number;
  readonly target: bigint;
  /** Seconds of the transcript when it came. */
  readonly t: number;
  /** True when a later line has made shares of it worthless. */
  isWithdrawn: boolean;
  /** What stood under the same job id before. */
  readonly earlier: TranscriptJob | undefined;
}

// Decided: hours of jobs, at the most some 20 MB of coinbases.
const MAX_JOBS = 1024;
const MAX_GENERATIONS = 4;

/** The jobs of a transcript by job id, newest last; withdrawn ones stay, to tell stale from unknown. */
export class JobMemory {
  readonly #jobs = new Map<string | number, TranscriptJob>();
  #newest: TranscriptJob | undefined;

  find(jobId: unknown): TranscriptJob | undefined {
    return typeof jobId === "string" || typeof jobId === "number"
      ? this.#jobs.get(jobId)
      : undefined;
  }

  /** Another prevhash withdraws what came before, whatever the clean flag says. */
  add(job: Omit<TranscriptJob, "isWithdrawn" | "earlier">): void {
    const { jobId, cleanJobs, prevhash } = job.notify;
    const previous = this.#newest?.notify.prevhash;
    if (cleanJobs || (previous !== undefined && Buffer.compare(previous, prevhash) !== 0))
      this.withdrawAll();
    const earlier = this.#jobs.get(jobId);
    if (earlier !== undefined) earlier.isWithdrawn = true;
    this.#jobs.delete(jobId);
    this.#newest = { ...job, isWithdrawn: false, earlier: shorten(earlier, MAX_GENERATIONS) };
    this.#jobs.set(jobId, this.#newest);
    for (const oldest of this.#jobs.keys()) {
      if (this.#jobs.size <= MAX_JOBS) break;
      this.#jobs.delete(oldest);
    }
  }

  withdrawAll(): void {
    for (const job of this.#jobs.values()) job.isWithdrawn = true;
  }
}

/** The newest `generations` of a job id. */
function shorten(job: TranscriptJob | undefined, generations: number): TranscriptJob | undefined {
  return job === undefined || generations === 0
    ? undefined
    : { ...job, earlier: shorten(job.earlier, generations - 1) };
}
