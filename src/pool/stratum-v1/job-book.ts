import { blockHeightOf } from "../../bitcoin/block-height.js";
import { DEVICE_VERSION_MASK, rollableBits } from "../../bitcoin/version-rolling.js";
import type { KeySource, PoolJob } from "../pool-client.js";
import type { Notify } from "./notify.js";
import type { Extranonce } from "./responses.js";

/** What the session has agreed on when a job arrives; the job keeps it. */
export interface WorkTerms {
  readonly difficulty: number;
  readonly target: bigint;
  /** Mask of rollable bits as the pool granted it; undefined when there is no rolling. */
  readonly poolMask: number | undefined;
}

export interface AddedJob {
  readonly job: PoolJob;
  /** False when the pool only repeats its last job. */
  readonly isNew: boolean;
  /** True when the pool repeats it and nothing about it changed: the work that is done goes on. */
  readonly isRepetition: boolean;
}

// Decided: at least 16; ckpool, with a job every 30 s, takes shares of the last 10 minutes.
const MAX_OLD_JOBS = 32;

/**
 * The jobs whose shares the pool still takes, newest last. An older job goes when a clean one or
 * another prevhash comes, when its id comes again, or with its session.
 */
export class JobBook {
  readonly #poolKey: number;
  readonly #nextKey: KeySource;
  readonly #jobs = new Map<number, PoolJob>();
  #current: PoolJob | undefined;
  #newWorkAtMs = 0;
  #isFirst = true;
  #blockHeight: number | undefined;
  #extranonce: (Extranonce & { readonly sessionKey: number }) | undefined;

  /** `poolKey` is the key of the client. */
  constructor(poolKey: number, nextKey: KeySource) {
    this.#poolKey = poolKey;
    this.#nextKey = nextKey;
  }

  /** The newest job: the work to do. */
  get current(): PoolJob | undefined {
    return this.#current;
  }

  /** When the newest job came that was no repetition of the one before in its session. */
  get newWorkAtMs(): number {
    return this.#newWorkAtMs;
  }

  /** The height in the coinbase of the newest job, if it can be read. */
  get blockHeight(): number | undefined {
    return this.#blockHeight;
  }

  /** The job of that key while it is submittable. */
  find(key: number): PoolJob | undefined {
    return this.#jobs.get(key);
  }

  /**
   * Starts a session with the extranonce that the pool handed out. All jobs go, unless it is the one
   * that was in use before: then those made with it stay, and the session is a resumed one.
   */
  openSession(extranonce: Extranonce): { readonly isResumed: boolean } {
    const isResumed = this.#extranonce !== undefined && isSame(this.#extranonce, extranonce);
    if (!isResumed) this.clear();
    this.changeExtranonce(extranonce);
    this.#isFirst = true;
    const { sessionKey } = this;
    this.#withdraw((job) => job.sessionKey !== sessionKey);
    return { isResumed };
  }

  /** Takes the extranonce for the jobs to come. */
  changeExtranonce(extranonce: Extranonce): void {
    if (this.#extranonce !== undefined && isSame(this.#extranonce, extranonce)) return;
    this.#extranonce = { ...extranonce, sessionKey: this.#nextKey() };
  }

  /** The session key of the next job; undefined before a session was opened. */
  get sessionKey(): number | undefined {
    return this.#extranonce?.sessionKey;
  }

  /** The extranonce2 size of the next job; undefined before a session was opened. */
  get extranonce2Size(): number | undefined {
    return this.#extranonce?.extranonce2Size;
  }

  /** The extranonce1 size of the next job; undefined before a session was opened. */
  get extranonce1Size(): number | undefined {
    return this.#extranonce?.extranonce1.length;
  }

  /** Forgets all jobs and the session. */
  clear(): void {
    this.#jobs.clear();
    this.#current = undefined;
    this.#extranonce = undefined;
  }

  /** Makes the job of a notify the current one; undefined before a session was opened. */
  add(notify: Notify, terms: WorkTerms, nowMs: number): AddedJob | undefined {
    if (this.#extranonce === undefined) return undefined;
    const { extranonce1, extranonce2Size, sessionKey } = this.#extranonce;
    const previous = this.#current;
    const job: PoolJob = {
      key: this.#nextKey(),
      poolKey: this.#poolKey,
      sessionKey,
      jobId: notify.jobId,
      version: notify.version,
      versionMask: rollable(notify.version, terms.poolMask),
      prevhash: notify.prevhash,
      nbits: notify.nbits,
      ntime: notify.ntime,
      coinbasePrefix: Buffer.concat([notify.coinb1, extranonce1]),
      extranonce2Size,
      coinbaseSuffix: notify.coinb2,
      merkleBranches: notify.merkleBranches,
      // A first job is clean too: whatever the chips work on is not of this session.
      clean:
        notify.cleanJobs || previous === undefined || !isEqual(previous.prevhash, notify.prevhash),
      target: terms.target,
      difficulty: terms.difficulty,
      receivedAtMs: nowMs,
    };
    if (!this.#isFirst && previous !== undefined && isSameJob(previous, job)) {
      // What chips find on the work they have would be stale if this were another job.
      return { job: previous, isNew: false, isRepetition: true };
    }
    this.#withdraw((old) => job.clean || old.jobId === job.jobId);
    this.#append(job);
    const isNew = this.#isFirst || previous === undefined || !isSameWork(previous, job);
    if (isNew) this.#newWorkAtMs = nowMs;
    this.#isFirst = false;
    this.#blockHeight = blockHeightOf(job.coinbasePrefix);
    return { job, isNew, isRepetition: false };
  }

  /**
   * Issues the current job anew with another version mask; undefined when there is none or nothing
   * changes for it. Where bits were taken away the new job is clean, as work rolled with them is lost.
   */
  changeMask(poolMask: number | undefined): PoolJob | undefined {
    const previous = this.#current;
    if (previous === undefined) return undefined;
    const versionMask = rollable(previous.version, poolMask);
    if (versionMask === previous.versionMask) return undefined;
    const job = {
      ...previous,
      key: this.#nextKey(),
      versionMask,
      clean: (previous.versionMask & ~versionMask) !== 0,
    };
    this.#append(job);
    return job;
  }

  #withdraw(isWithdrawn: (job: PoolJob) => boolean): void {
    for (const job of this.#jobs.values()) if (isWithdrawn(job)) this.#jobs.delete(job.key);
  }

  #append(job: PoolJob): void {
    this.#current = job;
    this.#jobs.set(job.key, job);
    for (const key of this.#jobs.keys()) {
      if (this.#jobs.size <= MAX_OLD_JOBS + 1) break;
      this.#jobs.delete(key);
    }
  }
}

/** The bits that may be rolled in a job of that version. */
export function rollable(jobVersion: number, poolMask: number | undefined): number {
  return poolMask === undefined ? 0 : rollableBits(DEVICE_VERSION_MASK, poolMask, jobVersion);
}

function isSame(one: Extranonce, other: Extranonce): boolean {
  return (
    one.extranonce2Size === other.extranonce2Size && isEqual(one.extranonce1, other.extranonce1)
  );
}

/** True when even the terms are those of the job before. */
function isSameJob(one: PoolJob, other: PoolJob): boolean {
  return (
    one.jobId === other.jobId &&
    one.sessionKey === other.sessionKey &&
    one.target === other.target &&
    one.versionMask === other.versionMask &&
    one.nbits === other.nbits &&
    isSameWork(one, other)
  );
}

/** True when the pool only repeats what it said, as it does to make a difficulty count. */
function isSameWork(one: PoolJob, other: PoolJob): boolean {
  return (
    one.ntime === other.ntime &&
    one.version === other.version &&
    isEqual(one.prevhash, other.prevhash) &&
    isEqual(one.coinbaseSuffix, other.coinbaseSuffix) &&
    isEqual(one.coinbasePrefix, other.coinbasePrefix) &&
    isEqual(Buffer.concat(one.merkleBranches), Buffer.concat(other.merkleBranches))
  );
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
