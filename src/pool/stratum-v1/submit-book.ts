import type { Clock } from "../../lib/clock.js";
import type { PoolJob, ShareOutcome, ShareSubmission } from "../pool-client.js";
import { classifyReject } from "./reject-reason.js";
import type { Response } from "./responses.js";
import type { ShareTally } from "./share-tally.js";

// Shares found while the link is down; mining stops then, so there are only a few.
const MAX_HELD = 256;

// More than that a pool that answers nothing would make of our memory; the oldest count as lost.
const MAX_PENDING = 8192;

// Shares whose repetition is recognised: hours of them, as pools set difficulty. The chain threads catch repeats of one work.
const MAX_REMEMBERED = 4096;

type Settle = (outcome: ShareOutcome) => void;

/** A share on its way: with its job, and who waits for the outcome. */
export interface Submission {
  readonly share: ShareSubmission;
  readonly job: PoolJob;
  readonly settle: Settle;
}

interface PendingSubmission extends Submission {
  readonly sentAtMs: number;
}

/**
 * Shares between finding and outcome: sent and unanswered, or held while there is no session. Every
 * share that is put in comes out with exactly one outcome.
 */
export class SubmitBook {
  readonly #clock: Clock;
  readonly #tally: ShareTally;
  readonly #patienceMs: number;
  readonly #pending = new Map<number, PendingSubmission>();
  readonly #sent = new Set<string>();
  readonly #held = new Map<Submission, () => void>();
  #cancelExpiry: (() => void) | undefined;

  /** A submit without an answer counts as lost after `patienceMs`; a held share waits no longer either. */
  constructor(clock: Clock, tally: ShareTally, patienceMs: number) {
    this.#clock = clock;
    this.#tally = tally;
    this.#patienceMs = patienceMs;
  }

  /** Sent and not answered yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Held until there is a session. */
  get held(): number {
    return this.#held.size;
  }

  /** Age of the oldest submit without an answer; undefined when none waits. */
  get oldestMs(): number | undefined {
    for (const { sentAtMs } of this.#pending.values()) return this.#clock.nowMs() - sentAtMs;
    return undefined;
  }

  /** Notes a share as sent; false when the same one was sent before. Pools compare these five values. */
  remember(job: PoolJob, share: ShareSubmission): boolean {
    const { ntime, nonce, version } = share;
    const extranonce2 = Buffer.from(share.extranonce2).toString("hex");
    const text = JSON.stringify([job.sessionKey, job.jobId, extranonce2, ntime, nonce, version]);
    if (this.#sent.has(text)) return false;
    this.#sent.add(text);
    for (const oldest of this.#sent) {
      if (this.#sent.size <= MAX_REMEMBERED) break;
      this.#sent.delete(oldest);
    }
    return true;
  }

  /** Waits for the answer to request `id`. */
  expectAnswer(id: number, submission: Submission): void {
    if (this.#pending.size >= MAX_PENDING) this.#loseOldest();
    this.#pending.set(id, { ...submission, sentAtMs: this.#clock.nowMs() });
    this.#armExpiry();
  }

  /** Gives an answer to the share it belongs to; false when no share waits for it. */
  answer(response: Response): boolean {
    const pending = this.#take(response.id);
    if (pending === undefined) return false;
    this.#tally.sampleLatency(this.#clock.nowMs() - pending.sentAtMs);
    pending.settle(outcomeOf(response));
    return true;
  }

  /** Keeps a share until a session is there; drops it when that takes long or too many are held. */
  hold(submission: Submission): void {
    const drop = (): void => {
      this.#held.delete(submission);
      submission.settle({ result: "dropped", reason: "not-connected" });
    };
    if (this.#held.size < MAX_HELD)
      this.#held.set(submission, this.#clock.after(this.#patienceMs, drop));
    else drop();
  }

  /** Takes all held shares out, oldest first. */
  takeHeld(): readonly Submission[] {
    const submissions = [...this.#held.keys()];
    for (const cancel of this.#held.values()) cancel();
    this.#held.clear();
    return submissions;
  }

  /** The connection is gone: what was sent on it will never be answered. */
  loseAll(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    while (this.#pending.size > 0) this.#loseOldest();
  }

  /** One timer for all, as the oldest is always the next to expire. */
  #armExpiry(): void {
    const { oldestMs } = this;
    if (oldestMs === undefined || this.#cancelExpiry !== undefined) return;
    this.#cancelExpiry = this.#clock.after(this.#patienceMs - oldestMs, () => {
      this.#cancelExpiry = undefined;
      while ((this.oldestMs ?? 0) >= this.#patienceMs) this.#loseOldest();
      this.#armExpiry();
    });
  }

  #loseOldest(): void {
    for (const id of this.#pending.keys()) {
      this.#take(id)?.settle({ result: "lost" });
      return;
    }
  }

  #take(id: number): PendingSubmission | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}

function outcomeOf(response: Response): ShareOutcome {
  if (response.isOk && response.result === true) return { result: "accepted" };
  const text = response.errorText ?? "";
  const reason = classifyReject(response.errorText, response.errorCode);
  return reason === "stale" ? { result: "stale", text } : { result: "rejected", reason, text };
}
