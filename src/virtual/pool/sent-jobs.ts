import type { SentJob } from "./share-judge.js";

/** Documented: ckpool holds its jobs for ten minutes. */
export const JOB_LIFETIME_MS = 600_000;

// More than a connection gets in ten minutes at a job every second.
const MAX_JOBS = 1024;

/** The jobs of one connection, stale ones included so that a late share is told from a wrong one. */
export class SentJobs {
  readonly #jobs = new Map<unknown, SentJob>();
  readonly #stale = new Set<unknown>();
  #newest: SentJob | undefined;

  /** What was sent last. */
  get newest(): SentJob | undefined {
    return this.#newest;
  }

  /** A clean job makes all others stale, and so does one on another block, whatever it says. */
  add(job: SentJob): void {
    const { id, clean, prevhash } = job.template;
    const isOtherBlock =
      this.#newest !== undefined && !Buffer.from(prevhash).equals(this.#newest.template.prevhash);
    if (clean || isOtherBlock) for (const other of this.#jobs.keys()) this.#stale.add(other);
    this.#newest = job;
    this.#stale.delete(id);
    this.#jobs.delete(id);
    this.#jobs.set(id, job);
    if (this.#jobs.size <= MAX_JOBS) return;
    const [oldest] = this.#jobs.keys();
    this.#jobs.delete(oldest);
    this.#stale.delete(oldest);
  }

  /** The job of that id, if it was sent; a share for a stale one cannot count. */
  find(
    id: unknown,
    nowMs: number,
  ): { readonly job: SentJob; readonly isStale: boolean } | undefined {
    const job = this.#jobs.get(id);
    if (job === undefined) return undefined;
    return { job, isStale: this.#stale.has(id) || nowMs - job.sentAtMs > JOB_LIFETIME_MS };
  }
}
