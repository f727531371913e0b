import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { PoolHealth, PoolJob } from "../pool-client.js";
import { type Doubt, findDoubt, isShortOfWork, rejectsTooMany } from "./doubts.js";
import type { FailoverPolicy } from "./failover-policy.js";
import type { PoolMember } from "./pool-member.js";
import { RivalWatch } from "./rival-watch.js";

/** The hash power of a group went from one pool to another. */
export interface Switch {
  readonly group: string;
  /** Undefined: no pool had it. */
  readonly from: string | undefined;
  /** Undefined: no pool is ready. */
  readonly to: string | undefined;
  /** In words. */
  readonly reason: string;
  /** Undefined when nothing failed. */
  readonly error: MinerError | undefined;
}

export interface GroupListener {
  /** Work to do from now on. Urgent: what the chips do for this group is worth nothing any more. */
  onJob(job: PoolJob, isUrgent: boolean): void;
  /** No pool is ready. */
  onIdle(): void;
  onSwitched(change: Switch): void;
  onWarning(member: PoolMember, text: string): void;
  /** Whether another group has a pool that works: the hash power is not lost if this one has none. */
  hasWorkElsewhere(): boolean;
}

interface Activation {
  /** A lower pool was left for it. */
  readonly isReturn?: boolean;
  readonly isUrgent?: boolean;
  /** What ended the stay at the pool before. */
  readonly error?: MinerError | undefined;
}

export type PoolRole = "active" | "standby" | "probing" | "collecting" | "off";

// Decided: a pool with a doubt now and then keeps its replacement connected.
const WARM_MS = 30_000;

// Decided: a better pool that does not get to work in this time is asked anew; together with a pause of
// 10 s and healthyMs it is back within 60 s of its health.
const PROBE_ATTEMPT_MS = 15_000;

const TAKEN_OUT = "the pool was taken out of the list";

// Decided: a pool that is the only one is given so many times the limit before a new session is tried.
const ALONE_FACTOR = 4;

/** An ordered list of pools of which one, the active, gets the hash power. "Better" means nearer to the front. */
export class FailoverGroup {
  readonly name: string;
  readonly #clock: Clock;
  readonly #listener: GroupListener;
  readonly #rivals: RivalWatch;
  #policy: FailoverPolicy;
  #members: readonly PoolMember[] = [];
  #active: PoolMember | undefined;
  /** Was active when it was taken out of the list; its work is still on the chips. */
  #released: PoolMember | undefined;
  #lastActive: PoolMember | undefined;
  #isRunning = false;
  #warmUntilMs = 0;
  #warnedOf: PoolMember | undefined;
  #switches = 0;
  #lastSwitchMs: number | undefined;
  #isReviewing = false;
  #mustReview = false;

  constructor(name: string, policy: FailoverPolicy, clock: Clock, listener: GroupListener) {
    this.name = name;
    this.#policy = policy;
    this.#clock = clock;
    this.#listener = listener;
    this.#rivals = new RivalWatch(clock);
  }

  get members(): readonly PoolMember[] {
    return this.#members;
  }

  get active(): PoolMember | undefined {
    return this.#active;
  }

  /** Times that another pool than before got the hash power. */
  get switches(): number {
    return this.#switches;
  }

  /** Monotonic milliseconds. */
  get lastSwitchMs(): number | undefined {
    return this.#lastSwitchMs;
  }

  start(): void {
    this.#isRunning = true;
    this.review();
  }

  /** Stops all its pools. */
  stop(): void {
    const had = this.#active ?? this.#released;
    this.#isRunning = false;
    this.#active = undefined;
    this.#released = undefined;
    for (const member of this.#members) member.stop();
    if (had !== undefined) this.#goIdle(had, "stopped", undefined);
  }

  /** Takes a pool out of the list; the others are looked at when the new list comes. */
  release(member: PoolMember): void {
    this.#members = this.#members.filter((other) => other !== member);
    if (member !== this.#active) return;
    member.leave(undefined);
    this.#active = undefined;
    this.#released = member;
  }

  /** Takes another list; a pool that is put before the active one gets the hash power as soon as it is ready. */
  arrange(members: readonly PoolMember[], policy: FailoverPolicy): void {
    const wereBetter = new Set(this.#members.filter((member) => this.#isBetter(member)));
    this.#policy = policy;
    this.#members = members;
    for (const member of members)
      member.isPromoted = this.#isBetter(member) && (member.isPromoted || !wereBetter.has(member));
    if (this.#isRunning) this.review();
  }

  /** A member has new work. */
  onJob(member: PoolMember): void {
    if (member === this.#active) this.#handWork(member, false);
    else this.review();
  }

  role(member: PoolMember): PoolRole {
    if (member === this.#active) return "active";
    if (!member.isRunning) return "off";
    if (member.collectUntilMs !== undefined) return "collecting";
    return this.#active === undefined || this.#isBetter(member) ? "probing" : "standby";
  }

  /** Looks at every pool and acts. Called on every change of a pool's state and once a second. */
  review(): void {
    this.#mustReview = true;
    // Pools that are started or stopped here report it at once.
    if (this.#isReviewing) return;
    this.#isReviewing = true;
    try {
      while (this.#mustReview && this.#isRunning) {
        this.#mustReview = false;
        this.#judgeActive();
        this.#choose();
        this.#startAndStop();
        this.#restartStuckProbes();
      }
    } finally {
      this.#isReviewing = false;
    }
  }

  #judgeActive(): void {
    const active = this.#active;
    if (active === undefined) return;
    if (!active.isReady()) {
      active.leave(active.endReason());
      this.#replace(active, active.endReason(), active.endedBy);
      return;
    }
    const health = active.client.health();
    const rival = this.#rivals.look(active, this.#members);
    const doubt = findDoubt(health, this.#policy, active.stay, rival);
    if (doubt?.isSuspicion === true) this.#warmUntilMs = this.#clock.nowMs() + WARM_MS;
    if (doubt !== undefined && doubt.level >= 1) this.#leaveFor(active, doubt);
    this.#warnOfRejects(active, health);
  }

  #leaveFor(active: PoolMember, doubt: Doubt): void {
    // Two pools that are both slow to answer must not throw the hash power at each other.
    const hasOther = this.#bestReady(active)?.isTrusted(this.#policy) === true;
    const isAlone = !hasOther && !this.#listener.hasWorkElsewhere();
    if (isAlone && doubt.level < ALONE_FACTOR) return;
    active.leave(doubt.reason);
    this.#replace(active, doubt.reason, doubt.error);
    // A new session may heal it. One that is not wanted any more only waits for its answers.
    if (this.role(active) === "probing") active.client.restart(doubt.error);
  }

  #warnOfRejects(active: PoolMember, health: PoolHealth): void {
    const { answeredRecently: answered, rejectedRecently: rejected } = health;
    if (!rejectsTooMany({ answered, rejected }, this.#policy)) {
      if (this.#warnedOf === active) this.#warnedOf = undefined;
    } else if (this.#warnedOf !== active) {
      this.#warnedOf = active;
      this.#listener.onWarning(active, `${rejected} of the last ${answered} shares were refused`);
    }
  }

  /** Gives the hash power to a pool when none has it, or back to a better one that has proved itself. */
  #choose(): void {
    const active = this.#active;
    if (active === undefined) {
      this.#fill();
      return;
    }
    const better = this.#members.find(
      (member) => this.#isBetter(member) && this.#mayReturn(member),
    );
    if (better === undefined) return;
    const isReturn = !better.isPromoted;
    const readyS = Math.floor((better.readyForMs() ?? 0) / 1000);
    const reason = isReturn ? `better pool, healthy for ${readyS} s` : "the order was changed";
    active.leave(undefined);
    active.collectUntilMs = this.#clock.nowMs() + this.#policy.collectMs;
    this.#activate(better, active, reason, { isReturn });
  }

  #fill(): void {
    const released = this.#released;
    const best = this.#bestReady(undefined);
    this.#released = undefined;
    // A pool that was left has to prove itself as long as others can use the hash power.
    const isWanted = best?.isTrusted(this.#policy) === true || !this.#listener.hasWorkElsewhere();
    if (best !== undefined && isWanted) {
      const reason = released === undefined ? "first pool that is ready" : TAKEN_OUT;
      this.#activate(best, released, reason, { isUrgent: true });
    } else if (released !== undefined) {
      this.#goIdle(released, TAKEN_OUT, undefined);
    }
  }

  #mayReturn(member: PoolMember): boolean {
    if (member.returnInMs(this.#policy) !== 0) return false;
    const health = member.client.health();
    return !isShortOfWork(health, this.#policy) && health.badJobsInARow === 0;
  }

  /** Gives the hash power of a pool that cannot keep it to the best that is ready, if any is. */
  #replace(active: PoolMember, reason: string, error: MinerError | undefined): void {
    const next = this.#bestReady(active);
    if (next === undefined) {
      this.#active = undefined;
      this.#goIdle(active, reason, error);
      return;
    }
    this.#activate(next, active, reason, { isUrgent: true, error });
    if (!this.#isBetter(active))
      active.collectUntilMs = this.#clock.nowMs() + this.#policy.collectMs;
  }

  #activate(
    member: PoolMember,
    from: PoolMember | undefined,
    reason: string,
    { isReturn = false, isUrgent = from === undefined, error }: Activation,
  ): void {
    this.#active = member;
    if (this.#lastActive !== undefined && this.#lastActive !== member) this.#switches += 1;
    this.#lastActive = member;
    this.#lastSwitchMs = this.#clock.nowMs();
    member.enter(isReturn);
    this.#listener.onSwitched({ ...this.#names(from, member), reason, error });
    this.#handWork(member, isUrgent);
  }

  #handWork(member: PoolMember, isUrgent: boolean): void {
    const job = member.takeWork();
    if (job === undefined) return;
    this.#listener.onJob(job, isUrgent || job.clean || member.isFollowUp);
  }

  #goIdle(from: PoolMember, reason: string, error: MinerError | undefined): void {
    this.#listener.onSwitched({ ...this.#names(from, undefined), reason, error });
    this.#listener.onIdle();
  }

  /**
   * Better pools than the active one run always, lower ones as long as they collect or may be needed: one
   * after the other, each as soon as the one before it had its chance.
   */
  #startAndStop(): void {
    const active = this.#active;
    const nowMs = this.#clock.nowMs();
    let isNextWanted = active === undefined || nowMs < this.#warmUntilMs;
    for (const member of this.#members) {
      if (member.collectUntilMs !== undefined && nowMs >= member.collectUntilMs)
        member.collectUntilMs = undefined;
      if (member === active || (active !== undefined && this.#isBetter(member))) {
        member.start();
        continue;
      }
      const isNext = isNextWanted;
      if (isNext) {
        isNextWanted = !member.isReady() && member.wasTried(this.#policy.openMs);
        member.start();
      } else if (active !== undefined && member.collectUntilMs === undefined) member.stop();
    }
  }

  #restartStuckProbes(): void {
    if (this.#active === undefined) return;
    for (const member of this.#members) {
      if (!this.#isBetter(member)) continue;
      const attemptMs = member.attemptMs() ?? 0;
      const { jobAgeMs = 0 } = member.client.health();
      if (attemptMs >= PROBE_ATTEMPT_MS) member.client.restart(silent("first work", attemptMs));
      else if (jobAgeMs >= this.#policy.noWorkMs)
        member.client.restart(silent("mining.notify", jobAgeMs));
    }
  }

  /** The best pool with work; one that was left before only when there is no other. */
  #bestReady(except: PoolMember | undefined): PoolMember | undefined {
    const ready = this.#members.filter((member) => member !== except && member.isReady());
    return ready.find((member) => member.isTrusted(this.#policy)) ?? ready[0];
  }

  #isBetter(member: PoolMember): boolean {
    if (this.#active === undefined) return false;
    return this.#members.indexOf(member) < this.#members.indexOf(this.#active);
  }

  #names(
    from: PoolMember | undefined,
    to: PoolMember | undefined,
  ): Pick<Switch, "group" | "from" | "to"> {
    return { group: this.name, from: from?.name, to: to?.name };
  }
}

function silent(request: string, ms: number): MinerError {
  return new MinerError("POOL_SILENT", { request, silentMs: Math.round(ms) });
}
