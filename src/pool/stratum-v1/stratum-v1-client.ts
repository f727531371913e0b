import { MinerError, isMinerError } from "../../lib/errors.js";
import { TypedEmitter } from "../../lib/events.js";
import {
  DEFAULT_TIMEOUTS,
  type PoolClient,
  type PoolEvents,
  type PoolHealth,
  type PoolSnapshot,
  type PoolState,
  type PoolTimeouts,
  type ShareOutcome,
  type ShareSubmission,
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

// Decided: a session that has lasted so long was a good one.
const GOOD_SESSION_MS = 60_000;

// Decided: so many rejects in a row that a new session may end.
const MAX_CURABLE = 20;

/** A Stratum V1 pool over plain TCP: keeps a session, hands out its jobs and takes shares. */
export class StratumV1Client extends TypedEmitter<PoolEvents> implements PoolClient {
  readonly key: number;
  readonly #options: StratumV1Options;
  readonly #timeouts: PoolTimeouts;
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
  #readySinceMs: number | undefined;
  #failuresInARow = 0;
  #sessionResumed = 0;
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
    this.key = options.nextKey();
    this.#options = options;
    this.#timeouts = options.timeouts ?? DEFAULT_TIMEOUTS;
    this.#address = url.value;
    this.#jobs = new JobBook(this.key, options.nextKey);
    this.#submits = new SubmitBook(options.clock, this.#tally, this.#timeouts.submitMs);
    this.#backOff = new BackOff(options.random ?? Math.random, this.#timeouts.maxPauseMs);
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
    this.#tally.forgetRefused();
    for (const { settle } of this.#submits.takeHeld())
      settle({ result: "dropped", reason: "not-connected" });
    if (hadWork) this.emit("idle");
  }

  restart(error: MinerError): void {
    this.#session?.fail(error);
  }

  owns(jobKey: number): boolean {
    return this.#jobs.find(jobKey) !== undefined;
  }

  submit(share: ShareSubmission): Promise<ShareOutcome> {
    return new Promise((resolve) => {
      const job = this.#jobs.find(share.jobKey);
      const settle = (outcome: ShareOutcome): void => {
        this.#tally.count(outcome, share, job, this.#options.clock.nowMs());
        resolve(outcome);
        this.emit("shareOutcome", share, outcome);
      };
      if (job?.sessionKey === share.sessionKey) this.#dispatch({ share, job, settle });
      else settle({ result: "dropped", reason: reasonWithoutJob(this.#jobs, share) });
    });
  }

  health(): PoolHealth {
    const nowMs = this.#options.clock.nowMs();
    const readySinceMs = this.#readySinceMs;
    return {
      state: this.#state,
      readySinceMs,
      oldestUnansweredMs: this.#submits.oldestMs,
      ...this.#tally.health(nowMs),
      jobAgeMs:
        readySinceMs === undefined
          ? undefined
          : nowMs - Math.max(readySinceMs, this.#jobs.newWorkAtMs),
      badJobsInARow: this.#session?.badJobsInARow ?? 0,
      failuresInARow: this.#failuresInARow,
      blockHeight: readySinceMs === undefined ? undefined : this.#jobs.blockHeight,
    };
  }

  snapshot(): PoolSnapshot {
    const session = this.#session;
    const terms = session?.terms;
    const { readySinceMs, jobAgeMs, blockHeight, oldestUnansweredMs } = this.health();
    return {
      name: this.#options.name ?? this.#options.url,
      url: this.#options.url,
      user: this.#options.user,
      state: this.#state,
      security: session?.security,
      remote: session?.remote,
      readySinceS:
        readySinceMs === undefined
          ? undefined
          : (this.#options.clock.nowMs() - readySinceMs) / 1000,
      lastError: this.#lastError,
      difficulty: terms?.difficulty ?? 1,
      suggestedDifficulty: undefined,
      extranonce1Size: this.#jobs.extranonce1Size,
      extranonce2Size: this.#jobs.extranonce2Size,
      versionMask: rollable(0, terms?.poolMask),
      ...this.#tally.snapshot(),
      pending: this.#submits.pending,
      held: this.#submits.held,
      oldestUnansweredMs,
      unknownReplies: this.#unknownReplies,
      sessions: this.#sessions,
      sessionResumed: this.#sessionResumed,
      jobAgeMs,
      blockHeight,
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
        timeouts: this.#timeouts,
        network,
        plan: {
          timeouts: this.#timeouts,
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
    if (this.#jobs.openSession(extranonce).isResumed) this.#sessionResumed += 1;
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
      this.#failuresInARow = 0;
      this.#readySinceMs = this.#options.clock.nowMs();
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
    if (this.#tally.curableInARow < MAX_CURABLE) return;
    this.#tally.forgetCurable();
    this.#session?.fail(new MinerError("POOL_SHARES_REFUSED", { shares: MAX_CURABLE }));
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
    if (end.kind !== "configure-refused") this.#failuresInARow += 1;
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
    // Where a new session does not end the refusals they go on counting.
    if (!isMinerError(end.error, "POOL_SHARES_REFUSED")) this.#tally.forgetRefused();
    const leastMs = end.kind === "authorize-refused" ? this.#timeouts.refusedPauseMs : 0;
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
    this.#readySinceMs = undefined;
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
