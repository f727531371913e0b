import { difficultyOfHash } from "../bitcoin/target.js";
import type { NonceRecord } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import type { PoolJob } from "../pool/pool-client.js";
import type { PoolSet } from "../pool/pools/pool-set.js";
import { QuotaSplit, type SplitChain } from "./quota-split.js";

// Decided: short against the job interval of pools, long against the time that a chain needs to change.
const SLICE_MS = 5_000;

// Decided: what a group missed is made good within seconds, not by a burst later.
const MAX_DEBT_SLICES = 2;

/** How a chain should take a job. */
export interface JobHandling {
  /** What the chips do now is worth nothing any more: send at once. */
  readonly urgent: boolean;
}

const URGENT: JobHandling = { urgent: true };
const IN_TURN: JobHandling = { urgent: false };

/** A chain that takes jobs. */
export interface JobTaker {
  /** TH/s that it makes while it hashes, 0 else; for the split between groups. */
  readonly nominalThs: number;
  /** Called in the turn in which the pool's line was read. */
  takeJob(job: PoolJob, handling: JobHandling): void;
  /** There is no pool to work for. */
  dropJob(): void;
}

/** Where work comes from and shares go to. */
export type WorkSource = Pick<PoolSet, "on" | "quotas" | "settingsOf" | "submit">;

/** Without any pool: no hashing, or the last work for ever, whose shares are worth nothing. */
export type NoPoolPolicy = "stop" | "keepWarm";

export interface DispatcherOptions {
  readonly source: WorkSource;
  readonly clock: Clock;
  readonly noPool: NoPoolPolicy;
}

/** A group of pools as the chains see it. */
interface GroupWork {
  readonly name: string;
  quota: number;
  /** Undefined: no pool of it is ready. */
  job: PoolJob | undefined;
  /** Clean jobs so far. */
  cleans: number;
  /** `cleans` when a chain last got a job of this group. */
  readonly seen: Map<Slot, number>;
}

interface Slot {
  readonly taker: JobTaker;
  group: GroupWork | undefined;
}

/**
 * Brings the work of every group of pools to its part of the chains, and the chains' shares to the pools. With one
 * group that has work, all chains are its; with several, each chain works for one of them for a slice of time.
 */
export class Dispatcher {
  readonly #source: WorkSource;
  readonly #clock: Clock;
  readonly #slots: Slot[] = [];
  readonly #split = new QuotaSplit(MAX_DEBT_SLICES);
  readonly #unhook: readonly (() => void)[];
  #groups: readonly GroupWork[] = [];
  readonly #noPool: NoPoolPolicy;
  #bookedMs: number;
  #cancelSlice: () => void = () => undefined;

  constructor({ source, clock, noPool }: DispatcherOptions) {
    this.#source = source;
    this.#clock = clock;
    this.#noPool = noPool;
    this.#bookedMs = clock.nowMs();
    this.#takeQuotas();
    this.#unhook = [
      source.on("job", (group, job, isUrgent) => {
        this.#onJob(group, job, isUrgent);
      }),
      source.on("idle", (group) => {
        this.#onIdle(group);
      }),
      source.on("quotas", () => {
        this.#book();
        this.#takeQuotas();
        this.#divide();
      }),
    ];
  }

  /** The chain gets its part of the running work, if there is some, and of all later work. */
  add(taker: JobTaker): void {
    this.#book();
    this.#slots.push({ taker, group: undefined });
    this.#divide();
  }

  /** Hands out nothing any more. */
  stop(): void {
    this.#cancelSlice();
    for (const unhook of this.#unhook) unhook();
  }

  /** Submits what the chain thread found to meet its job's target; the rest is only counted there. */
  judge(nonces: readonly NonceRecord[]): void {
    for (const nonce of nonces) if (nonce.verdict === "share") this.#submit(nonce);
  }

  #submit(nonce: NonceRecord): void {
    const { jobKey, poolKey, sessionKey, extranonce2, ntime, version } = nonce;
    const network = this.#source.settingsOf(poolKey)?.network;
    // The outcome is counted by the pool client and told in its events; submit never rejects.
    void this.#source.submit({
      jobKey,
      poolKey,
      sessionKey,
      extranonce2,
      ntime,
      nonce: nonce.nonce,
      version,
      ...(network && { difficulty: difficultyOfHash(nonce.hashLe, network) }),
    });
  }

  #onJob(name: string, job: PoolJob, isUrgent: boolean): void {
    const group = this.#groups.find((other) => other.name === name);
    if (group === undefined) return;
    const hadWork = group.job !== undefined;
    if (!hadWork) this.#book();
    group.job = job;
    if (job.clean) group.cleans += 1;
    if (!hadWork) {
      this.#divide();
      return;
    }
    const handling = isUrgent ? URGENT : IN_TURN;
    for (const slot of this.#slots) {
      if (slot.group !== group) continue;
      group.seen.set(slot, group.cleans);
      slot.taker.takeJob(job, handling);
    }
  }

  #onIdle(name: string): void {
    const group = this.#groups.find((other) => other.name === name);
    if (group?.job === undefined) return;
    this.#book();
    group.job = undefined;
    this.#divide();
  }

  #takeQuotas(): void {
    const before = this.#groups;
    this.#groups = this.#source.quotas().map(({ name, quota }) => {
      const known = before.find((group) => group.name === name);
      if (known === undefined) return { name, quota, job: undefined, cleans: 0, seen: new Map() };
      known.quota = quota;
      return known;
    });
    for (const group of before) if (!this.#groups.includes(group)) group.job = undefined;
  }

  /** Gives every chain to a group that has work; a group without any has no part. */
  #divide(): void {
    this.#cancelSlice();
    const working = this.#groups.filter(({ job }) => job !== undefined);
    this.#split.setGroups(working);
    const [only] = working;
    if (only === undefined) {
      this.#rest();
      return;
    }
    if (working.length === 1) {
      for (const slot of this.#slots) this.#move(slot, only);
      return;
    }
    const names = this.#split.assign(this.#chains(), SLICE_MS);
    this.#slots.forEach((slot, index) => {
      const group = working.find(({ name }) => name === names[index]);
      if (group !== undefined) this.#move(slot, group);
    });
    this.#cancelSlice = this.#clock.after(SLICE_MS, () => {
      this.#book();
      this.#divide();
    });
  }

  #move(slot: Slot, group: GroupWork): void {
    if (slot.group === group || group.job === undefined) return;
    // Work of a group that still has a pool stays good, and its shares go there.
    const handling = slot.group?.job === undefined ? URGENT : IN_TURN;
    slot.group = group;
    const { job } = group;
    const seen = group.seen.get(slot);
    const clean = seen === undefined ? job.clean : seen !== group.cleans;
    group.seen.set(slot, group.cleans);
    slot.taker.takeJob(clean === job.clean ? job : { ...job, clean }, handling);
  }

  #rest(): void {
    for (const slot of this.#slots) {
      if (slot.group === undefined) continue;
      slot.group = undefined;
      if (this.#noPool === "stop") slot.taker.dropJob();
    }
  }

  #book(): void {
    const nowMs = this.#clock.nowMs();
    this.#split.book(this.#chains(), nowMs - this.#bookedMs);
    this.#bookedMs = nowMs;
  }

  #chains(): readonly SplitChain[] {
    return this.#slots.map(({ taker, group }) => ({
      rate: taker.nominalThs,
      group: group?.name,
    }));
  }
}
