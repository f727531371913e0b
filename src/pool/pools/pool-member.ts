import { ERROR_TABLE, isMinerError, type MinerError } from "../../lib/errors.js";
import type { Clock } from "../../lib/clock.js";
import type {
  PoolClient,
  PoolHealth,
  PoolJob,
  PoolNotice,
  PoolState,
  ShareOutcome,
  ShareSubmission,
} from "../pool-client.js";
import type { PoolSettings } from "../pool-settings.js";
import type { StayCounts } from "./doubts.js";
import { type FailoverPolicy, LASTING_MS, waitForReturnMs } from "./failover-policy.js";

/** What a member tells whoever has it, after it has taken note itself. */
export interface MemberListener {
  onJob(member: PoolMember, job: PoolJob): void;
  onState(member: PoolMember, state: PoolState, error: MinerError | undefined): void;
  onShareOutcome(member: PoolMember, share: ShareSubmission, outcome: ShareOutcome): void;
  onNotice(member: PoolMember, notice: PoolNotice): void;
}

/** Why and when a pool was left for a fault of its own. */
export interface Departure {
  readonly atMs: number;
  readonly reason: string;
}

// Seen: after a block ckpool and DATUM send a makeshift job, without transactions, and the real one up to 43 ms
// later, not clean; DATUM refuses shares of the first from then on. Decided: a wide margin over that.
const FOLLOW_UP_MS = 2_000;

// Decided: a fault this long ago says nothing about a pool that was off since.
const DISTRUST_MS = 300_000;

/** One configured pool: its client, and what the choice of pools has to remember of it. */
export class PoolMember {
  readonly client: PoolClient;
  readonly #clock: Clock;
  readonly #unhook: readonly (() => void)[];
  /** Name and group may change; what makes the connection does not. */
  settings: PoolSettings;
  /** The group that it is in; undefined once it was removed from the list. */
  listener: MemberListener | undefined;
  /** The operator put it before the active one: it need not prove itself. */
  isPromoted = false;
  /** Left alive: kept open so long for answers. */
  collectUntilMs: number | undefined;
  #job: PoolJob | undefined;
  #cleanMs = -Infinity;
  /** The last session ended with client.reconnect. */
  #wasAskedAway = false;
  /** When it last came back from there at once. */
  #excusedMs = -Infinity;
  #owesClean = false;
  #isRunning = false;
  #notReadySinceMs = 0;
  #attemptSinceMs: number | undefined;
  #endedBy: MinerError | undefined;
  #departure: Departure | undefined;
  #isDistrusted = false;
  #failedReturns = 0;
  #stay: { sinceMs: number; wasReturn: boolean; answered: number; rejected: number } | undefined;

  constructor(settings: PoolSettings, client: PoolClient, clock: Clock) {
    this.settings = settings;
    this.client = client;
    this.#clock = clock;
    this.#unhook = [
      client.on("job", (job) => {
        this.#owesClean ||= this.#job === undefined || job.clean;
        if (job.clean) this.#cleanMs = job.receivedAtMs;
        this.#job = job;
        this.listener?.onJob(this, job);
      }),
      client.on("state", (state, error) => {
        this.#noteState(state, error);
        this.listener?.onState(this, state, error);
      }),
      client.on("shareOutcome", (share, outcome) => {
        this.#countOutcome(outcome);
        this.listener?.onShareOutcome(this, share, outcome);
      }),
      client.on("notice", (notice) => {
        this.listener?.onNotice(this, notice);
      }),
    ];
  }

  get name(): string {
    return this.settings.name;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get departure(): Departure | undefined {
    return this.#departure;
  }

  /** Shares since the pool became active. */
  get stay(): StayCounts {
    return this.#stay ?? { answered: 0, rejected: 0 };
  }

  /** Has a session with work. */
  isReady(health: PoolHealth = this.client.health()): boolean {
    return this.#isRunning && this.#job !== undefined && health.readySinceMs !== undefined;
  }

  /** How long it has been ready without a break; undefined when it is not. */
  readyForMs(): number | undefined {
    const health = this.client.health();
    if (!this.isReady(health) || health.readySinceMs === undefined) return undefined;
    return this.#clock.nowMs() - health.readySinceMs;
  }

  /** What it still has to show before the hash power comes back; undefined when it is not ready. */
  returnInMs(policy: FailoverPolicy): number | undefined {
    const readyForMs = this.readyForMs();
    if (readyForMs === undefined) return undefined;
    // Decided: a login that is taken again was a matter of the account, and the minute's pause was long enough.
    const wasRefused = isMinerError(this.#endedBy, "POOL_AUTH_REFUSED");
    // So is a session that the pool itself wanted elsewhere, as long as it does not make a habit of it.
    const mayBounce = this.#clock.nowMs() - this.#excusedMs >= LASTING_MS;
    const isExcused = wasRefused || (this.#wasAskedAway && mayBounce);
    if (this.isPromoted || (isExcused && this.#failedReturns === 0)) return 0;
    return Math.max(0, waitForReturnMs(policy, this.#failedReturns) - readyForMs);
  }

  /** False for a pool that was left and has not proved itself since. */
  isTrusted(policy: FailoverPolicy): boolean {
    return !this.#isDistrusted || this.returnInMs(policy) === 0;
  }

  /** Had its chance to become ready: it failed, or takes longer than `openMs`. */
  wasTried(openMs: number): boolean {
    if (!this.#isRunning) return false;
    if (this.client.health().failuresInARow > 0) return true;
    return this.#clock.nowMs() - this.#notReadySinceMs >= openMs;
  }

  /** How long the running attempt to connect and to get work has taken; undefined when there is none. */
  attemptMs(): number | undefined {
    return this.#attemptSinceMs === undefined
      ? undefined
      : this.#clock.nowMs() - this.#attemptSinceMs;
  }

  start(): void {
    if (this.#isRunning) return;
    const nowMs = this.#clock.nowMs();
    if (this.#departure !== undefined && nowMs - this.#departure.atMs >= DISTRUST_MS)
      this.#isDistrusted = false;
    this.#isRunning = true;
    this.#notReadySinceMs = nowMs;
    this.client.start();
  }

  stop(): void {
    this.collectUntilMs = undefined;
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#forgetWork();
    this.client.stop();
  }

  /** Stops for good; nothing of the client is heard any more but the outcome of its last shares. */
  end(): void {
    this.stop();
    for (const unhook of this.#unhook) unhook();
  }

  /** Becomes the active pool; `wasReturn` when a lower one was left for it. */
  enter(wasReturn: boolean): void {
    this.#stay = { sinceMs: this.#clock.nowMs(), wasReturn, answered: 0, rejected: 0 };
    this.isPromoted = false;
    this.#isDistrusted = false;
    this.collectUntilMs = undefined;
    if (wasReturn && this.#wasAskedAway) this.#excusedMs = this.#clock.nowMs();
  }

  /** The newest job came so soon after a clean one that it was meant to take its place at once. */
  get isFollowUp(): boolean {
    return this.#job !== undefined && this.#job.receivedAtMs - this.#cleanMs < FOLLOW_UP_MS;
  }

  /** The newest job, to be worked on now; clean when a clean one came since the last that was taken. */
  takeWork(): PoolJob | undefined {
    const job = this.#job;
    if (job === undefined) return undefined;
    const clean = job.clean || this.#owesClean;
    this.#owesClean = false;
    return clean === job.clean ? job : { ...job, clean };
  }

  /** Is active no more; with a reason when that is its own fault. */
  leave(reason: string | undefined): void {
    const nowMs = this.#clock.nowMs();
    const stay = this.#stay;
    this.#stay = undefined;
    this.isPromoted = false;
    if (stay !== undefined && nowMs - stay.sinceMs >= LASTING_MS) this.#failedReturns = 0;
    else if (stay?.wasReturn === true && reason !== undefined && !this.#wasAskedAway)
      this.#failedReturns += 1;
    if (reason === undefined) return;
    this.#departure = { atMs: nowMs, reason };
    this.#isDistrusted = true;
  }

  /** Why the last session ended, in words. */
  endReason(): string {
    return this.#endedBy === undefined ? "the pool ended the session" : inWords(this.#endedBy);
  }

  get endedBy(): MinerError | undefined {
    return this.#endedBy;
  }

  #noteState(state: PoolState, error: MinerError | undefined): void {
    const nowMs = this.#clock.nowMs();
    if (state === "connecting") this.#attemptSinceMs = nowMs;
    else if (state !== "opening") this.#attemptSinceMs = undefined;
    if (state === "waiting") {
      this.#endedBy = error;
      this.#wasAskedAway = error === undefined;
    }
    if (state === "ready") return;
    if (this.#job !== undefined) this.#notReadySinceMs = nowMs;
    this.#forgetWork();
  }

  #forgetWork(): void {
    this.#job = undefined;
    this.#owesClean = false;
  }

  #countOutcome({ result }: ShareOutcome): void {
    if (this.#stay === undefined) return;
    if (result === "accepted" || result === "stale" || result === "rejected")
      this.#stay.answered += 1;
    if (result === "rejected") this.#stay.rejected += 1;
  }
}

function inWords({ code, context }: MinerError): string {
  const detail = context["reason"] ?? context["poolText"] ?? context["what"];
  const meaning = ERROR_TABLE[code].meaning.replace(/\.$/, "");
  return detail === undefined || detail === null ? meaning : `${meaning}: ${String(detail)}`;
}
