import { MinerError } from "../../lib/errors.js";
import { TypedEmitter } from "../../lib/events.js";
import type {
  PoolClient,
  PoolEvents,
  PoolSnapshot,
  PoolState,
  ShareOutcome,
  ShareSubmission,
} from "../pool-client.js";
import { type PoolUrl, parsePoolUrl } from "../pool-url.js";
import { openTcp } from "../transport/tcp-link.js";
import { BackOff } from "./back-off.js";
import { ConfigureMemory } from "./configure-memory.js";
import { JobBook, rollable } from "./job-book.js";
import type { Notify } from "./notify.js";
import type { Response, SubscribeResult } from "./responses.js";
import { type SessionEnd, StratumV1Session } from "./session.js";
import { findDropReason, reasonWithoutJob } from "./share-gate.js";
import { ShareTally } from "./share-tally.js";
import type { StratumV1Options } from "./stratum-v1-options.js";
import { type Submission, SubmitBook } from "./submit-book.js";

// Decided: a refused login is a fault of the configuration and is not tried more often.
const REFUSED_PAUSE_MS = 60_000;

// Decided: a session that has lasted so long was a good one.
const GOOD_SESSION_MS = 60_000;

// Decided: so many rejects in a row that only we can have caused.
const MAX_OWN_FAULTS = 20;

/** A Stratum V1 pool over plain TCP: keeps a session, hands out its jobs and takes shares. */
export class StratumV1Client extends TypedEmitter<PoolEvents> implements PoolClient {
  readonly #options: StratumV1Options;
  readonly #address: PoolUrl;
  readonly #jobs: JobBook;
  readonly #tally = new ShareTally();
  readonly #submits: SubmitBook;
  readonly #backOff: BackOff;
  readonly #configure = new ConfigureMemory();
  #state: PoolState = "stopped";
  #lastError: MinerError | undefined;
  #session: StratumV1Session | undefined;
  #cancelWait: (() => void) | undefined;
  #usableSinceMs: number | undefined;
  #acceptedBefore = 0;
  #sessions = 0;
  #unknownReplies = 0;
  /** A job came in this read; true when it, or one before it in the read, is clean. */
  #announceClean: boolean | undefined;

  /** Throws `POOL_URL_INVALID` naming the part of the url that is wrong. */
  constructor(options: StratumV1Options) {
    super();
    const url = parsePoolUrl(options.url);
    if (!url.ok) throw new MinerError(url.code, { field: url.field, expected: url.expected });
    this.#options = options;
    this.#address = url.value;
    this.#jobs = new JobBook(options.nextKey);
    this.#submits = new SubmitBook(options.clock, this.#tally);
    this.#backOff = new BackOff(options.random ?? Math.random);
  }

  start(): void {
    if (this.#state === "stopped") this.#connect();
  }

  stop(): void {
    this.#cancelWait?.();
    this.#session?.close();
    const hadWork = this.#state === "ready";
    if (this.#state !== "stopped") this.#enter("stopped", undefined);
    this.#leaveSession();
    this.#jobs.clear();
    for (const { settle } of this.#submits.takeHeld())
      settle({ result: "dropped", reason: "not-connected" });
    if (hadWork) this.emit("idle");
  }

  submit(share: ShareSubmission): Promise<ShareOutcome> {
    return new Promise((resolve) => {
      const job = this.#jobs.find(share.jobKey);
      const settle = (outcome: ShareOutcome): void => {
        this.#tally.count(outcome, share, job);
        resolve(outcome);
        this.emit("shareOutcome", share, outcome);
      };
      if (job?.sessionKey === share.sessionKey) this.#dispatch({ share, job, settle });
      else settle({ result: "dropped", reason: reasonWithoutJob(this.#jobs, share) });
    });
  }

  snapshot(): PoolSnapshot {
    const terms = this.#session?.terms;
    const job = this.#jobs.current;
    return {
      url: this.#options.url,
      user: this.#options.user,
      state: this.#state,
      lastError: this.#lastError,
      difficulty: terms?.difficulty ?? 1,
      versionMask: rollable(0, terms?.poolMask),
      ...this.#tally.snapshot(),
      pending: this.#submits.pending,
      unknownReplies: this.#unknownReplies,
      sessions: this.#sessions,
      jobAgeMs: job === undefined ? undefined : this.#options.clock.nowMs() - job.receivedAtMs,
      isSuspicious: this.#session?.isSuspicious ?? false,
    };
  }

  #connect(): void {
    const { clock, openLink, network, agent, user, password } = this.#options;
    this.#enter("connecting", this.#lastError);
    this.#acceptedBefore = this.#tally.accepted;
    this.#session = new StratumV1Session(
      {
        clock,
        endpoint: { host: this.#address.host, port: this.#address.port },
        openLink: openLink ?? openTcp,
        network,
        plan: {
          agent,
          user,
          password,
          withConfigure: this.#configure.shouldConfigure(clock.nowMs()),
          withExtranonceSubscribe: this.#address.subscribeExtranonce,
        },
      },
      {
        onConnected: () => {
          this.#sessions += 1;
          this.#enter("opening", this.#lastError);
        },
        onSubscribed: (extranonce) => {
          this.#onSubscribed(extranonce);
        },
        onUsable: () => {
          this.#usableSinceMs = clock.nowMs();
          for (const submission of this.#submits.takeHeld()) this.#dispatch(submission);
          this.#announce();
        },
        onNotify: (notify) => {
          this.#onNotify(notify);
        },
        onExtranonce: (extranonce1, size) => {
          this.#onExtranonce(extranonce1, size);
        },
        onMaskChanged: () => {
          this.#onMaskChanged();
        },
        onAnswer: (response) => {
          this.#onAnswer(response);
        },
        onReadDone: () => {
          this.#announce();
        },
        onNotice: (notice) => {
          this.emit("notice", notice);
        },
        onEnd: (end) => {
          this.#onEnd(end);
        },
      },
    );
  }

  #onSubscribed(extranonce: SubscribeResult): void {
    this.#configure.noteSubscribed(this.#options.clock.nowMs());
    this.#jobs.openSession(extranonce);
  }

  #onNotify(notify: Notify): void {
    if (this.#session === undefined) return;
    const job = this.#jobs.add(notify, this.#session.terms, this.#options.clock.nowMs());
    if (job === undefined)
      this.emit("notice", { kind: "ignored-line", text: "mining.notify before mining.subscribe" });
    else this.#announceClean = this.#announceClean === true || job.clean;
  }

  #onExtranonce(extranonce1: Uint8Array, size: number | undefined): void {
    const extranonce2Size = size ?? this.#jobs.extranonce2Size;
    if (this.#jobs.sessionKey === undefined || extranonce2Size === undefined) return;
    this.#jobs.changeExtranonce({ extranonce1, extranonce2Size });
  }

  #onMaskChanged(): void {
    // A job of the session before is not brought back by the mask of this one.
    if (this.#state !== "ready" && this.#announceClean === undefined) return;
    const poolMask = this.#session?.terms.poolMask;
    const job = this.#jobs.changeMask(poolMask);
    if (job !== undefined) this.#announceClean = this.#announceClean === true || job.clean;
  }

  /** Gives the newest job of the read to mining, which learns of those in between by the flag only. */
  #announce(): void {
    const job = this.#jobs.current;
    if (this.#session?.isUsable !== true || this.#announceClean === undefined || !job) return;
    // Whatever the chips did before this session is worthless.
    const clean = this.#announceClean || this.#state !== "ready";
    this.#announceClean = undefined;
    if (this.#state !== "ready") {
      this.#lastError = undefined;
      this.#enter("ready", undefined);
    }
    this.emit("job", { ...job, clean });
  }

  #dispatch(submission: Submission): void {
    const { share, job, settle } = submission;
    const session = this.#session;
    if (session?.isUsable !== true) {
      this.#submits.hold(submission);
      return;
    }
    let reason = findDropReason(this.#jobs, job, share, session.terms.poolMask);
    if (reason === undefined && !this.#submits.remember(job, share)) reason = "duplicate";
    if (reason !== undefined) {
      settle({ result: "dropped", reason });
      return;
    }
    const id = session.nextId();
    this.#submits.expectAnswer(id, submission);
    session.submit(id, job, share);
  }

  #onAnswer(response: Response): void {
    if (!this.#submits.answer(response)) this.#unknownReplies += 1;
    if (this.#tally.ownFaultsInARow < MAX_OWN_FAULTS) return;
    this.#tally.forgetOwnFaults();
    this.#session?.fail(new MinerError("POOL_SHARES_REFUSED", { shares: MAX_OWN_FAULTS }));
  }

  #onEnd(end: SessionEnd): void {
    const hadWork = this.#state === "ready";
    const wasGood = this.#wasGoodSession();
    if (wasGood) this.#backOff.reset();
    this.#leaveSession();
    this.#goOn(end, wasGood);
    if (hadWork) this.emit("idle");
  }

  #goOn(end: SessionEnd, wasGood: boolean): void {
    // A listener of the lost shares may have stopped the client.
    if (this.#state === "stopped") return;
    if (end.kind === "reconnect-asked") {
      this.#wait(wasGood ? end.waitMs : Math.max(end.waitMs, this.#backOff.nextMs()), undefined);
      return;
    }
    if (end.kind === "configure-refused") {
      this.#configure.suspect();
      this.#connect();
      return;
    }
    this.#configure.noteFailed();
    const leastMs = end.kind === "authorize-refused" ? REFUSED_PAUSE_MS : 0;
    this.#wait(Math.max(leastMs, this.#backOff.nextMs()), end.error);
  }

  #wasGoodSession(): boolean {
    if (this.#tally.accepted > this.#acceptedBefore) return true;
    const sinceMs = this.#usableSinceMs;
    return sinceMs !== undefined && this.#options.clock.nowMs() - sinceMs >= GOOD_SESSION_MS;
  }

  #leaveSession(): void {
    this.#session = undefined;
    this.#usableSinceMs = undefined;
    this.#announceClean = undefined;
    this.#submits.loseAll();
  }

  #wait(ms: number, error: MinerError | undefined): void {
    this.#lastError = error;
    this.#cancelWait = this.#options.clock.after(ms, () => {
      this.#connect();
    });
    this.#enter("waiting", error);
  }

  #enter(state: PoolState, error: MinerError | undefined): void {
    this.#state = state;
    this.emit("state", state, error);
  }
}
