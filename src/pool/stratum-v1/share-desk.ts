import type { Clock } from "../../lib/clock.js";
import type { DropReason, ShareOutcome, ShareSubmission } from "../pool-client.js";
import type { JobBook } from "./job-book.js";
import type { Response } from "./responses.js";
import type { StratumV1Session } from "./session.js";
import { findDropReason, reasonWithoutJob } from "./share-gate.js";
import type { ShareTally } from "./share-tally.js";
import { type Submission, SubmitBook } from "./submit-book.js";

/** Takes shares in, sends, holds or drops them, and sees to it that each gets exactly one outcome. */
export class ShareDesk {
  readonly #clock: Clock;
  readonly #jobs: JobBook;
  readonly #tally: ShareTally;
  readonly #submits: SubmitBook;
  readonly #onOutcome: (share: ShareSubmission, outcome: ShareOutcome) => void;
  #session: StratumV1Session | undefined;

  constructor(
    clock: Clock,
    jobs: JobBook,
    tally: ShareTally,
    patienceMs: number,
    onOutcome: (share: ShareSubmission, outcome: ShareOutcome) => void,
  ) {
    this.#clock = clock;
    this.#jobs = jobs;
    this.#tally = tally;
    this.#submits = new SubmitBook(clock, tally, patienceMs);
    this.#onOutcome = onOutcome;
  }

  /** Sent and not answered yet. */
  get pending(): number {
    return this.#submits.pending;
  }

  /** Waiting for a session. */
  get held(): number {
    return this.#submits.held;
  }

  /** Age of the oldest submit without an answer; undefined when none waits. */
  get oldestMs(): number | undefined {
    return this.#submits.oldestMs;
  }

  /** Sends a share in this turn, holds or drops it; resolves with what became of it. */
  submit(share: ShareSubmission): Promise<ShareOutcome> {
    return new Promise((resolve) => {
      const job = this.#jobs.find(share.jobKey);
      const settle = (outcome: ShareOutcome): void => {
        this.#tally.count(outcome, share, job, this.#clock.nowMs());
        resolve(outcome);
        this.#onOutcome(share, outcome);
      };
      if (job?.sessionKey === share.sessionKey) this.#dispatch({ share, job, settle });
      else settle({ result: "dropped", reason: reasonWithoutJob(this.#jobs, share) });
    });
  }

  /** A session is usable: shares found in between go out, those of another extranonce1 are dropped. */
  open(session: StratumV1Session): void {
    this.#session = session;
    for (const submission of this.#submits.takeHeld()) this.#dispatch(submission);
  }

  /** Gives an answer to the share it belongs to; false when no share waits for it. */
  answer(response: Response): boolean {
    return this.#submits.answer(response);
  }

  /** The session is gone: what was sent will never be answered, what is found now waits. */
  close(): void {
    this.#session = undefined;
    this.#submits.loseAll();
  }

  /** No session will come: what waits for one is dropped. */
  dropHeld(): void {
    for (const { settle } of this.#submits.takeHeld()) settle(dropped("not-connected"));
  }

  #dispatch(submission: Submission): void {
    const { share, job, settle } = submission;
    const session = this.#session;
    if (session?.isUsable !== true) {
      this.#submits.hold(submission);
      return;
    }
    const reason = findDropReason(this.#jobs, job, share, session.terms.poolMask);
    if (reason !== undefined) settle(dropped(reason));
    else if (!this.#submits.remember(job, share)) settle(dropped("duplicate"));
    else {
      const id = session.nextId();
      this.#submits.expectAnswer(id, submission);
      session.submit(id, job, share);
    }
  }
}

function dropped(reason: DropReason): ShareOutcome {
  return { result: "dropped", reason };
}
