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
import { AttemptPlanner } from "./attempt-planner.js";
import { BackOff } from "./back-off.js";
import { ClientStatus } from "./client-status.js";
import { JobBook, rollable } from "./job-book.js";
import type { Notify } from "./notify.js";
import { checkOwnLines } from "./own-lines.js";
import type { DeviceInfo } from "./requests.js";
import type { Response, SubscribeResult } from "./responses.js";
import { StratumV1Session } from "./session.js";
import type { SessionEnd } from "./session-listener.js";
import { ShareDesk } from "./share-desk.js";
import { ShareTally } from "./share-tally.js";
import type { StratumV1Options } from "./stratum-v1-options.js";
import { WorkFeed } from "./work-feed.js";

// Decided: a session that has lasted so long was a good one.
const GOOD_SESSION_MS = 60_000;

// Decided: so many rejects in a row that a new session may end.
const MAX_CURABLE = 20;
const CURABLE_SPAN_MS = 1_000;

/** A Stratum V1 pool: keeps a session, hands out its jobs and takes shares. */
export class StratumV1Client extends TypedEmitter<PoolEvents> implements PoolClient {
  readonly key: number;
  readonly #options: StratumV1Options;
  readonly #timeouts: PoolTimeouts;
  readonly #address: PoolUrl;
  readonly #info: DeviceInfo | undefined;
  readonly #jobs: JobBook;
  readonly #tally = new ShareTally();
  readonly #desk: ShareDesk;
  readonly #backOff: BackOff;
  readonly #planner: AttemptPlanner;
  readonly #status: ClientStatus;
  #session: StratumV1Session | undefined;
  #feed: WorkFeed | undefined;
  #cancelWait: (() => void) | undefined;
  #acceptedBefore = 0;

  /**
   * Throws `POOL_URL_INVALID` naming the part of the url that is wrong, `POOL_LOGIN_TOO_LONG` naming
   * what would make a line of ours too long.
   */
  constructor(options: StratumV1Options) {
    super();
    const url = parsePoolUrl(options.url);
    if (!url.ok) throw new MinerError(url.code, { field: url.field, expected: url.expected });
    const { agent, user, password, clock, nextKey } = options;
    this.#info = options.info && { ...options.info, connectionUrl: options.url };
    checkOwnLines({ agent, user, password, info: this.#info });
    this.key = nextKey();
    this.#options = options;
    this.#timeouts = options.timeouts ?? DEFAULT_TIMEOUTS;
    this.#address = url.value;
    this.#jobs = new JobBook(this.key, nextKey);
    const { submitMs, maxPauseMs } = this.#timeouts;
    this.#desk = new ShareDesk(clock, this.#jobs, this.#tally, submitMs, (share, outcome) => {
      this.emit("shareOutcome", share, outcome);
    });
    this.#status = new ClientStatus({
      options,
      jobs: this.#jobs,
      tally: this.#tally,
      desk: this.#desk,
    });
    this.#backOff = new BackOff(options.random ?? Math.random, maxPauseMs);
    const { host, port } = url.value;
    this.#planner = new AttemptPlanner({ host, port }, options.redirectHosts ?? []);
  }

  start(): void {
    if (this.#status.state === "stopped") this.#connect();
  }

  stop(): void {
    if (this.#status.state === "stopped") return;
    this.#cancelWait?.();
    this.#session?.close();
    this.#status.state = "stopped";
    this.#planner.forget();
    this.#jobs.clear();
    this.#tally.forgetRefused();
    this.#leaveSession();
    this.#desk.dropHeld();
    this.emit("state", "stopped", undefined);
  }

  restart(error: MinerError): void {
    this.#session?.fail(error);
  }

  submit(share: ShareSubmission): Promise<ShareOutcome> {
    return this.#desk.submit(share);
  }

  health(): PoolHealth {
    return this.#status.health(this.#session);
  }

  snapshot(): PoolSnapshot {
    return this.#status.snapshot(this.#session);
  }

  #connect(): void {
    const { clock, openLink, network, agent, user, password, suggestDifficulty } = this.#options;
    const { endpoint, withConfigure, withOptional, resumeId } = this.#planner.next(clock.nowMs());
    const timeouts = this.#timeouts;
    this.#enter("connecting", this.#status.lastError);
    // A listener of the state may have stopped the client, or started it again.
    if (this.#status.state !== "connecting" || this.#session !== undefined) return;
    this.#acceptedBefore = this.#tally.accepted;
    const feed = new WorkFeed(clock, this.#jobs, (job) => {
      this.#enterReady();
      // A listener of the state may have stopped the client.
      if (this.#status.state === "ready") this.emit("job", job);
    });
    this.#feed = feed;
    const session: StratumV1Session = new StratumV1Session(
      {
        clock,
        endpoint,
        openLink,
        timeouts,
        network,
        plan: { timeouts, agent, user, password, info: this.#info, withConfigure, resumeId },
        withExtranonceSubscribe: withOptional && this.#address.subscribeExtranonce,
        // Without version rolling chips make a part of their rate that nobody knows yet: the pool finds out.
        suggestDifficulty: () =>
          withOptional && rollable(0, session.terms.poolMask) !== 0
            ? suggestDifficulty?.()
            : undefined,
      },
      {
        onConnected: () => {
          this.#status.sessions += 1;
          this.#enter("opening", this.#status.lastError);
        },
        onSubscribed: (extranonce) => {
          this.#onSubscribed(extranonce);
        },
        onUsable: () => {
          this.#status.usableSinceMs = clock.nowMs();
          this.emit("authorized");
          this.#desk.open(session);
          feed.flush(session.isUsable);
        },
        onNotify: (notify) => {
          this.#onNotify(session, feed, notify);
        },
        onExtranonce: (extranonce1, size) => {
          this.#onExtranonce(extranonce1, size);
        },
        onMaskChanged: () => {
          feed.changeMask(session.terms.poolMask);
        },
        onAnswer: (response) => {
          this.#onAnswer(response);
        },
        onReadDone: () => {
          feed.flush(session.isUsable);
        },
        onNotice: (notice) => {
          this.emit("notice", notice);
        },
        onEnd: (end) => {
          this.#onEnd(end);
        },
      },
    );
    this.#session = session;
  }

  #onSubscribed(extranonce: SubscribeResult): void {
    if (this.#planner.noteSubscribed(extranonce.sessionId, this.#options.clock.nowMs())) {
      this.#session?.close();
      this.#leaveSession();
      this.#connect();
    } else if (this.#jobs.openSession(extranonce).isResumed) this.#status.sessionResumed += 1;
  }

  #onNotify(session: StratumV1Session, feed: WorkFeed, notify: Notify): void {
    const isNew = feed.add(notify, session.terms);
    if (isNew === true) session.noteNewWork();
    if (isNew === undefined)
      this.emit("notice", { kind: "ignored-line", text: "mining.notify before mining.subscribe" });
  }

  #onExtranonce(extranonce1: Uint8Array, size: number | undefined): void {
    const extranonce2Size = size ?? this.#jobs.extranonce2Size;
    if (this.#jobs.sessionKey === undefined || extranonce2Size === undefined) return;
    this.#jobs.changeExtranonce({ extranonce1, extranonce2Size });
  }

  #onAnswer(response: Response): void {
    if (!this.#desk.answer(response)) this.#status.unknownReplies += 1;
    if (this.#tally.curableInARow < MAX_CURABLE) return;
    // Shares that were on their way when the pool changed its mask or target come back at once.
    if (this.#tally.health(this.#options.clock.nowMs()).refusedForMs < CURABLE_SPAN_MS) return;
    this.#tally.forgetCurable();
    this.#session?.fail(new MinerError("POOL_SHARES_REFUSED", { shares: MAX_CURABLE }));
  }

  #onEnd(end: SessionEnd): void {
    const wasGood = this.#wasGoodSession();
    if (wasGood) this.#backOff.reset();
    const { usableSinceMs } = this.#status;
    if (usableSinceMs !== undefined) {
      const isClosed = end.kind === "failed" && end.error.code === "POOL_UNREACHABLE";
      const usableMs = this.#ageMs(usableSinceMs);
      this.#planner.noteLost(this.#options.clock.nowMs(), usableMs, wasGood, isClosed);
    }
    this.#leaveSession();
    // A listener that heard of the lost shares may have stopped the client, or started it again.
    if (this.#status.state !== "stopped" && this.#session === undefined) this.#goOn(end, wasGood);
  }

  #goOn(end: SessionEnd, wasGood: boolean): void {
    if (end.kind === "closed-early" || end.kind === "resume-refused") {
      const cause = end.kind === "closed-early" ? "closed" : end.kind;
      if (this.#planner.noteEarlyEnd(cause)) {
        this.#connect();
        return;
      }
    }
    this.#status.failuresInARow += 1;
    if (end.kind === "reconnect-asked") {
      if (!this.#planner.redirect(end.to))
        this.emit("notice", {
          kind: "warning",
          text: "client.reconnect elsewhere is not followed",
        });
      this.#wait(wasGood ? end.waitMs : Math.max(end.waitMs, this.#backOff.nextMs()), undefined);
      return;
    }
    this.#planner.noteFailed();
    // Where a new session does not end the refusals they go on counting.
    if (!isMinerError(end.error, "POOL_SHARES_REFUSED")) this.#tally.forgetRefused();
    const leastMs = end.kind === "authorize-refused" ? this.#timeouts.refusedPauseMs : 0;
    this.#wait(Math.max(leastMs, this.#backOff.nextMs()), end.error);
  }

  #wasGoodSession(): boolean {
    if (this.#tally.accepted > this.#acceptedBefore) return true;
    const sinceMs = this.#status.usableSinceMs;
    return sinceMs !== undefined && this.#ageMs(sinceMs) >= GOOD_SESSION_MS;
  }

  #leaveSession(): void {
    this.#session = undefined;
    this.#feed?.stop();
    this.#status.usableSinceMs = undefined;
    this.#status.readySinceMs = undefined;
    this.#desk.close();
  }

  #wait(ms: number, error: MinerError | undefined): void {
    this.#status.lastError = error;
    this.#cancelWait = this.#options.clock.after(ms, () => {
      this.#connect();
    });
    this.#enter("waiting", error);
  }

  #enterReady(): void {
    if (this.#status.state === "ready") return;
    this.#status.lastError = undefined;
    this.#status.failuresInARow = 0;
    this.#status.readySinceMs = this.#options.clock.nowMs();
    this.#enter("ready", undefined);
  }

  #enter(state: PoolState, error: MinerError | undefined): void {
    this.#status.state = state;
    this.emit("state", state, error);
  }

  #ageMs(sinceMs: number): number {
    return this.#options.clock.nowMs() - sinceMs;
  }
}
