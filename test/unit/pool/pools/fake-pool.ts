import type { Clock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { TypedEmitter } from "../../../../src/lib/events.js";
import type {
  KeySource,
  PoolClient,
  PoolEvents,
  PoolHealth,
  PoolJob,
  PoolSnapshot,
  PoolState,
  PoolTimeouts,
  ShareOutcome,
  ShareSubmission,
} from "../../../../src/pool/pool-client.js";
import type { PoolSettings } from "../../../../src/pool/pool-settings.js";
import { poolJob } from "../../mining/working-chain-port.js";

const CONNECT_MS = 100;
const LINK_TIMEOUT_MS = 8_000;
const REFUSED_PAUSE_MS = 60_000;
const ANSWER_MS = 50;
const RECENT_MS = 600_000;
const JOB_INTERVAL_MS = 30_000;

/** `blackHole`: connections are never made. `mute`: made, but there is no work. */
export type Mode = "up" | "down" | "blackHole" | "mute" | "refusesLogin";

/** The pool's end of all sessions: what it does is up to the test. */
export class FakePool {
  readonly name: string;
  readonly clients: FakeClient[] = [];
  readonly received: { readonly share: ShareSubmission; readonly by: FakeClient }[] = [];
  /** Whatever a client was asked to send, sent or not. */
  readonly offered: { readonly share: ShareSubmission; readonly to: FakeClient }[] = [];
  readonly attemptsAtMs: number[] = [];
  mode: Mode = "up";
  answers: "accept" | "refuse" | "stale" | "never" = "accept";
  sendsWork = true;
  badJobs = 0;
  blockHeight: number | undefined = 900_000;

  constructor(name: string) {
    this.name = name;
  }

  /** Changes what the pool does; sessions end unless it stays up. */
  turn(mode: Mode): void {
    this.mode = mode;
    if (mode !== "up") for (const client of this.clients) client.lose();
  }

  /** client.reconnect to its own address. */
  askAway(): void {
    for (const client of this.clients) client.goAway();
  }

  notify(clean = false): void {
    for (const client of this.clients) client.takeJob(clean);
  }

  get connected(): number {
    return this.clients.filter(({ state }) => state === "ready" || state === "opening").length;
  }
}

/** A client as the real one behaves towards the choice of pools, without a line on any wire. */
export class FakeClient extends TypedEmitter<PoolEvents> implements PoolClient {
  readonly key: number;
  readonly settings: PoolSettings;
  readonly #clock: Clock;
  readonly pool: FakePool;
  /** Keys of all its jobs, withdrawn ones too. */
  readonly everOwned = new Set<number>();
  readonly #nextKey: KeySource;
  readonly #maxPauseMs: number;
  readonly #jobs = new Map<number, PoolJob>();
  readonly #unanswered = new Map<
    number,
    { readonly atMs: number; readonly settle: (outcome: ShareOutcome) => void }
  >();
  readonly #answered: { readonly atMs: number; readonly isRejected: boolean }[] = [];
  state: PoolState = "stopped";
  #timers = new Set<() => void>();
  #sessionKey = 0;
  #lastId = 0;
  #pauses = 0;
  #failures = 0;
  #readySinceMs: number | undefined;
  #jobAtMs: number | undefined;
  #refusals: number[] = [];
  #lastError: MinerError | undefined;

  constructor(
    settings: PoolSettings,
    pool: FakePool,
    clock: Clock,
    nextKey: KeySource,
    timeouts: PoolTimeouts,
  ) {
    super();
    this.settings = settings;
    this.key = nextKey();
    this.pool = pool;
    this.#clock = clock;
    this.#nextKey = nextKey;
    this.#maxPauseMs = timeouts.maxPauseMs;
    pool.clients.push(this);
  }

  start(): void {
    if (this.state === "stopped") this.#connect();
  }

  stop(): void {
    this.#leaveSession();
    this.#jobs.clear();
    if (this.state !== "stopped") this.#enter("stopped", undefined);
  }

  restart(error: MinerError): void {
    if (this.state !== "stopped" && this.state !== "waiting") this.#fail(error);
  }

  submit(share: ShareSubmission): Promise<ShareOutcome> {
    this.pool.offered.push({ share, to: this });
    return new Promise((resolve) => {
      const job = this.#jobs.get(share.jobKey);
      const settle = (outcome: ShareOutcome): void => {
        resolve(outcome);
        this.emit("shareOutcome", share, outcome);
      };
      if (job?.sessionKey !== share.sessionKey)
        settle({ result: "dropped", reason: "old-session" });
      else if (this.state !== "ready") settle({ result: "dropped", reason: "not-connected" });
      else this.#send(share, settle);
    });
  }

  health(): PoolHealth {
    const nowMs = this.#clock.nowMs();
    const [oldest] = this.#unanswered.values();
    const recent = this.#answered.filter(({ atMs }) => nowMs - atMs <= RECENT_MS);
    return {
      state: this.state,
      readySinceMs: this.#readySinceMs,
      oldestUnansweredMs: oldest && nowMs - oldest.atMs,
      refusedInARow: this.#refusals.length,
      refusedForMs: (this.#refusals.at(-1) ?? 0) - (this.#refusals[0] ?? 0),
      answeredRecently: recent.length,
      rejectedRecently: recent.filter(({ isRejected }) => isRejected).length,
      jobAgeMs: this.#jobAtMs === undefined ? undefined : nowMs - this.#jobAtMs,
      badJobsInARow: this.state === "ready" ? this.pool.badJobs : 0,
      failuresInARow: this.#failures,
      blockHeight: this.state === "ready" ? this.pool.blockHeight : undefined,
    };
  }

  snapshot(): PoolSnapshot {
    const { name, url, user } = this.settings;
    return {
      ...{ name, url, user, state: this.state, security: undefined, remote: undefined },
      ...{ readySinceS: undefined, lastError: this.#lastError, difficulty: 1 },
      ...{ suggestedDifficulty: undefined, extranonce1Size: 4, extranonce2Size: 4 },
      ...{ versionMask: 0, accepted: 0, rejected: 0, stale: 0, lost: 0, dropped: 0 },
      ...{ pending: this.#unanswered.size, oldestUnansweredMs: undefined, acceptedDifficulty: 0 },
      ...{ rejectedDifficulty: 0, staleDifficulty: 0, bestDifficulty: 0, latencyMs: undefined },
      ...{ lastAcceptedAgoS: undefined, lastAcceptedDifficulty: 0 },
      rejectReasons: {} as PoolSnapshot["rejectReasons"],
      dropReasons: {} as PoolSnapshot["dropReasons"],
      ...{ unknownReplies: 0, sessions: 0, sessionResumed: 0, jobAgeMs: undefined },
      ...{ blockHeight: undefined, isSuspicious: false },
    } as PoolSnapshot;
  }

  /** The pool ends the session or refuses the attempt. */
  lose(): void {
    if (this.state === "opening" || this.state === "ready")
      this.#fail(new MinerError("POOL_UNREACHABLE", { reason: "reset by peer" }));
  }

  goAway(): void {
    if (this.state === "ready") this.#fail(undefined);
  }

  /** The pool sends work to a session that is ready. */
  takeJob(clean: boolean): void {
    if (this.state !== "ready") return;
    const job = poolJob(this.#nextKey(), {
      poolKey: this.key,
      sessionKey: this.#sessionKey,
      clean,
      receivedAtMs: this.#clock.nowMs(),
    });
    if (clean) this.#jobs.clear();
    this.#jobs.set(job.key, job);
    this.everOwned.add(job.key);
    this.#jobAtMs = this.#clock.nowMs();
    this.emit("job", job);
  }

  #connect(): void {
    this.pool.attemptsAtMs.push(this.#clock.nowMs());
    const isHole = this.pool.mode === "blackHole";
    this.#after(isHole ? LINK_TIMEOUT_MS : CONNECT_MS, () => {
      if (isHole || this.pool.mode === "down" || this.pool.mode === "blackHole")
        this.#fail(new MinerError("POOL_UNREACHABLE", { reason: "refused" }));
      else this.#open();
    });
    this.#enter("connecting", this.#lastError);
  }

  #open(): void {
    if (this.pool.mode === "refusesLogin") {
      this.#fail(new MinerError("POOL_AUTH_REFUSED", { poolText: "no such user" }));
      return;
    }
    this.#enter("opening", this.#lastError);
    if (this.pool.mode !== "mute")
      this.#after(CONNECT_MS, () => {
        this.#beReady();
      });
  }

  #beReady(): void {
    this.#sessionKey = this.#nextKey();
    this.#jobs.clear();
    this.#failures = 0;
    this.#lastError = undefined;
    this.#refusals = [];
    this.#readySinceMs = this.#clock.nowMs();
    this.#enter("ready", undefined);
    this.takeJob(true);
    this.#after(JOB_INTERVAL_MS, () => {
      this.#nextJob();
    });
  }

  #nextJob(): void {
    this.#after(JOB_INTERVAL_MS, () => {
      this.#nextJob();
    });
    if (this.pool.sendsWork) this.takeJob(false);
  }

  #send(share: ShareSubmission, settle: (outcome: ShareOutcome) => void): void {
    const id = ++this.#lastId;
    this.pool.received.push({ share, by: this });
    this.#unanswered.set(id, { atMs: this.#clock.nowMs(), settle });
    if (this.pool.answers !== "never")
      this.#after(ANSWER_MS, () => {
        this.#answer(id);
      });
  }

  #answer(id: number): void {
    const { answers } = this.pool;
    const nowMs = this.#clock.nowMs();
    const waiting = this.#unanswered.get(id);
    this.#unanswered.delete(id);
    this.#answered.push({ atMs: nowMs, isRejected: answers === "refuse" });
    if (answers === "accept") this.#refusals = [];
    else this.#refusals.push(nowMs);
    if (answers === "accept") waiting?.settle({ result: "accepted" });
    else if (answers === "stale") waiting?.settle({ result: "stale", text: "stale" });
    else waiting?.settle({ result: "rejected", reason: "other", text: "no" });
  }

  #fail(error: MinerError | undefined): void {
    const hadWork = this.state === "ready";
    this.#leaveSession();
    if (hadWork) this.#pauses = 0;
    this.#failures += 1;
    this.#lastError = error;
    const pauseMs = Math.min(1000 * 2 ** this.#pauses++, this.#maxPauseMs);
    this.#after(error?.code === "POOL_AUTH_REFUSED" ? REFUSED_PAUSE_MS : pauseMs, () => {
      this.#connect();
    });
    this.#enter("waiting", error);
  }

  #leaveSession(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#readySinceMs = undefined;
    this.#jobAtMs = undefined;
    const lost = [...this.#unanswered.values()];
    this.#unanswered.clear();
    for (const { settle } of lost) settle({ result: "lost" });
  }

  #enter(state: PoolState, error: MinerError | undefined): void {
    this.state = state;
    this.emit("state", state, error);
  }

  #after(ms: number, callback: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }
}
