import type { Clock } from "../../lib/clock.js";
import type { PoolJob } from "../pool-client.js";
import type { JobBook, WorkTerms } from "./job-book.js";
import type { Notify } from "./notify.js";
import { RateLimit } from "./rate-limit.js";

// Decided: after a block a pool sends two or three jobs at once; chips that get more than 20 a second
// for long do nothing but change work.
const BURST = 16;
const PERIOD_MS = 50;

/**
 * Jobs of one session on their way to mining: the first at once, then the last of each read, clean if
 * one of those in between was. A flood is thinned out, never reordered.
 */
export class WorkFeed {
  readonly #clock: Clock;
  readonly #jobs: JobBook;
  readonly #limit: RateLimit;
  readonly #announce: (job: PoolJob) => void;
  /** A job waits to be announced; true when it, or one before it that was not, is clean. */
  #isClean: boolean | undefined;
  #isFirst = true;
  #cancelLater: (() => void) | undefined;

  constructor(clock: Clock, jobs: JobBook, announce: (job: PoolJob) => void) {
    this.#clock = clock;
    this.#jobs = jobs;
    this.#limit = new RateLimit(clock, BURST, PERIOD_MS);
    this.#announce = announce;
  }

  /** Takes a job. True when it is new work, undefined when it came before a subscription. */
  add(notify: Notify, terms: WorkTerms): boolean | undefined {
    const added = this.#jobs.add(notify, terms, this.#clock.nowMs());
    if (added?.isRepetition === false) this.#note(added.job);
    return added?.isNew;
  }

  /** Takes a change of the mask, which makes the current job another one. */
  changeMask(poolMask: number | undefined): void {
    // A job of the session before is not brought back by the mask of this one.
    if (this.#isFirst && this.#isClean === undefined) return;
    const job = this.#jobs.changeMask(poolMask);
    if (job !== undefined) this.#note(job);
  }

  /** Everything that has arrived was handled: announces what waits, if the session is usable. */
  flush(isUsable: boolean): void {
    const job = this.#jobs.current;
    if (!isUsable || this.#isClean === undefined || job === undefined) return;
    if (this.#cancelLater !== undefined) return;
    if (!this.#limit.take()) {
      this.#cancelLater = this.#clock.after(this.#limit.waitMs, () => {
        this.#cancelLater = undefined;
        this.flush(true);
      });
      return;
    }
    // Whatever the chips did before this session is worthless.
    const clean = this.#isClean || this.#isFirst;
    this.#isClean = undefined;
    this.#isFirst = false;
    this.#announce({ ...job, clean });
  }

  stop(): void {
    this.#cancelLater?.();
    this.#isClean = undefined;
  }

  #note(job: PoolJob): void {
    this.#isClean = this.#isClean === true || job.clean;
  }
}
