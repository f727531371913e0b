import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import { TypedEmitter } from "../../lib/events.js";
import {
  DEFAULT_TIMEOUTS,
  type PoolClient,
  type PoolJob,
  type PoolNotice,
  type PoolState,
  type PoolTimeouts,
  type ShareOutcome,
  type ShareSubmission,
} from "../pool-client.js";
import type { PoolAccount, PoolSettings } from "../pool-settings.js";
import { FailoverGroup, type Switch } from "./failover-group.js";
import { DEFAULT_FAILOVER, type FailoverPolicy } from "./failover-policy.js";
import { type MemberListener, PoolMember } from "./pool-member.js";
import { type PoolSetSnapshot, groupSnapshot } from "./pool-set-snapshot.js";

// The health of a pool is looked at this often; every limit of the policy is far above it.
const REVIEW_MS = 1_000;

// Decided: a pool that is tried is one that is wanted, so pauses are shorter than those of a client alone.
const TIMEOUTS: PoolTimeouts = { ...DEFAULT_TIMEOUTS, maxPauseMs: 10_000 };

/** Pools of which one is mined for at a time. */
export interface PoolGroup {
  /** Unique. */
  readonly name: string;
  /** Part of the hash power, in proportion to the other groups; positive. */
  readonly quota: number;
  /** In order of preference. */
  readonly pools: readonly PoolSettings[];
}

export interface PoolSetEvents {
  /** Group, its work from now on, and whether what the chips do for the group is worth nothing any more. */
  job: [string, PoolJob, boolean];
  /** Group: no pool of it is ready. */
  idle: [string];
  switched: [Switch];
  /** Groups or quotas are others than before. */
  quotas: [];
  /** The first value is the pool's name, the last its account. */
  shareOutcome: [string, ShareSubmission, ShareOutcome, PoolAccount];
  notice: [string, PoolNotice];
  state: [string, PoolState, MinerError | undefined];
}

export interface PoolSetOptions {
  readonly clock: Clock;
  /** Makes a client, not started. Throws what is wrong with the settings. `current`: name and group may change later. */
  readonly createClient: (
    settings: PoolSettings,
    timeouts: PoolTimeouts,
    current: () => PoolSettings,
  ) => PoolClient;
  readonly groups: readonly PoolGroup[];
  readonly policy?: FailoverPolicy;
}

interface GroupEntry {
  readonly group: FailoverGroup;
  /** Of its members. */
  readonly listener: MemberListener;
  readonly quota: number;
}

/** A pool of the wanted list and the member that is to be it. */
interface Place {
  readonly groupName: string;
  readonly settings: PoolSettings;
  readonly member: PoolMember;
}

/** All pools of the configuration. A share goes to the client whose job it is of, or nowhere. */
export class PoolSet extends TypedEmitter<PoolSetEvents> {
  readonly #options: PoolSetOptions;
  #policy: FailoverPolicy;
  #entries: readonly GroupEntry[] = [];
  /** Taken out of the list; kept for the answers to their last shares. */
  readonly #retired = new Map<PoolMember, number>();
  #isRunning = false;
  #cancelReview: () => void = () => undefined;
  #droppedUnowned = 0;

  /** Throws what `createClient` throws. */
  constructor(options: PoolSetOptions) {
    super();
    this.#options = options;
    this.#policy = options.policy ?? DEFAULT_FAILOVER;
    this.#arrange(options.groups, this.#policy);
  }

  /** Connects to the first pool of every group, and to others as they are needed. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (const { group } of this.#entries) group.start();
    this.#reviewLater();
  }

  /** Ends all sessions. Shares without an answer count as lost. */
  stop(): void {
    this.#isRunning = false;
    this.#cancelReview();
    for (const { group } of this.#entries) group.stop();
    for (const member of [...this.#retired.keys()]) this.#end(member);
  }

  /** Groups and their parts of the hash power, in the order of the configuration. */
  quotas(): readonly { readonly name: string; readonly quota: number }[] {
    return this.#entries.map(({ group, quota }) => ({ name: group.name, quota }));
  }

  /** The pool of that key; undefined when it was taken out of the list. */
  settingsOf(poolKey: number): PoolSettings | undefined {
    return this.#memberOf(poolKey)?.settings;
  }

  /** Sends a share in the same turn to the client whose job it is of, or drops it. Never rejects. */
  submit(share: ShareSubmission): Promise<ShareOutcome> {
    const member = this.#memberOf(share.poolKey);
    if (member !== undefined) return member.client.submit(share);
    this.#droppedUnowned += 1;
    return Promise.resolve({ result: "dropped", reason: "stale-job" });
  }

  /** Shares sent and not answered yet. */
  get pending(): number {
    return this.#all().reduce((sum, { client }) => sum + client.snapshot().pending, 0);
  }

  snapshot(): PoolSetSnapshot {
    const nowMs = this.#options.clock.nowMs();
    return {
      groups: this.#entries.map(({ group, quota }) =>
        groupSnapshot(group, quota, this.#policy, nowMs),
      ),
      droppedUnowned: this.#droppedUnowned,
    };
  }

  /**
   * Takes another list, order, quotas or times while all goes on. Clients whose settings are as before keep their
   * sessions, whatever their name, place or group. Throws what `createClient` throws; nothing has changed then.
   */
  reconfigure(groups: readonly PoolGroup[], policy: FailoverPolicy): void {
    this.#arrange(groups, policy);
  }

  #arrange(groups: readonly PoolGroup[], policy: FailoverPolicy): void {
    const plan = this.#plan(groups);
    this.#policy = policy;
    const before = this.#entries;
    this.#entries = groups.map(({ name, quota }) => {
      const { group, listener } =
        before.find((entry) => entry.group.name === name) ?? this.#createGroup(name);
      return { group, listener, quota };
    });
    this.emit("quotas");
    this.#release(before, plan);
    for (const { group, listener } of this.#entries) {
      const places = plan.filter((place) => place.groupName === group.name);
      for (const { member, settings } of places) {
        member.settings = settings;
        member.listener = listener;
      }
      group.arrange(
        places.map(({ member }) => member),
        policy,
      );
      if (this.#isRunning) group.start();
    }
  }

  /** Which member goes where: those that have the connection that is asked for, and new ones. */
  #plan(groups: readonly PoolGroup[]): readonly Place[] {
    const free = new Set(this.#entries.flatMap(({ group }) => group.members));
    const wanted = groups.flatMap(({ name, pools }) =>
      pools.map((settings) => ({ groupName: name, settings })),
    );
    const take = (settings: PoolSettings, isSame: (member: PoolMember) => boolean) => {
      const found = [...free].find((member) => isSame(member) && hasConnection(member, settings));
      if (found !== undefined) free.delete(found);
      return found;
    };
    // The same account may be there twice: names first, so that no two swap their sessions.
    const byName = wanted.map(({ settings }) =>
      take(settings, (member) => member.name === settings.name),
    );
    return wanted.map(({ groupName, settings }, index) => ({
      groupName,
      settings,
      member: byName[index] ?? take(settings, () => true) ?? this.#createMember(settings),
    }));
  }

  #release(before: readonly GroupEntry[], plan: readonly Place[]): void {
    for (const { group } of before) {
      for (const member of group.members) {
        const place = plan.find((other) => other.member === member);
        if (place?.groupName === group.name) continue;
        group.release(member);
        if (place === undefined) this.#retire(member);
      }
      if (!this.#entries.some((entry) => entry.group === group)) group.stop();
    }
  }

  /** Keeps a session that works for the answers it still owes; ends any other. */
  #retire(member: PoolMember): void {
    member.listener = this.#tellOnly();
    this.#retired.set(member, this.#options.clock.nowMs() + this.#policy.collectMs);
    if (!this.#isRunning || !member.isReady()) this.#end(member);
  }

  #end(member: PoolMember): void {
    this.#retired.delete(member);
    member.end();
  }

  #reviewLater(): void {
    this.#cancelReview = this.#options.clock.after(REVIEW_MS, () => {
      this.#reviewLater();
      const nowMs = this.#options.clock.nowMs();
      for (const [member, untilMs] of [...this.#retired])
        if (nowMs >= untilMs || !member.isReady()) this.#end(member);
      for (const { group } of this.#entries) group.review();
    });
  }

  #createMember(settings: PoolSettings): PoolMember {
    const { clock, createClient } = this.#options;
    let member: PoolMember | undefined;
    const client = createClient(settings, TIMEOUTS, () => member?.settings ?? settings);
    return (member = new PoolMember(settings, client, clock));
  }

  #createGroup(name: string): Omit<GroupEntry, "quota"> {
    const group: FailoverGroup = new FailoverGroup(name, this.#policy, this.#options.clock, {
      onJob: (job, isUrgent) => {
        this.emit("job", name, job, isUrgent);
      },
      onIdle: () => {
        this.emit("idle", name);
      },
      onSwitched: (change) => {
        this.emit("switched", change);
      },
      onWarning: (member, text) => {
        this.emit("notice", member.name, { kind: "warning", text });
      },
      hasWorkElsewhere: () =>
        this.#entries.some((entry) => entry.group !== group && entry.group.active !== undefined),
    });
    const listener: MemberListener = {
      ...this.#tellOnly(),
      onJob: (member) => {
        group.onJob(member);
      },
      onState: (member, state, error) => {
        this.emit("state", member.name, state, error);
        group.review();
      },
    };
    return { group, listener };
  }

  /** Passes on what people may want to know of a pool. */
  #tellOnly(): MemberListener {
    return {
      onJob: () => undefined,
      onState: (member, state, error) => {
        this.emit("state", member.name, state, error);
      },
      onShareOutcome: (member, share, outcome) => {
        const { url, user } = member.settings;
        this.emit("shareOutcome", member.name, share, outcome, { url, user });
      },
      onNotice: (member, notice) => {
        this.emit("notice", member.name, notice);
      },
    };
  }

  #memberOf(poolKey: number): PoolMember | undefined {
    return this.#all().find(({ client }) => client.key === poolKey);
  }

  #all(): readonly PoolMember[] {
    return [...this.#entries.flatMap(({ group }) => group.members), ...this.#retired.keys()];
  }
}

function hasConnection(member: PoolMember, settings: PoolSettings): boolean {
  const { name, group } = settings;
  return isDeepStrictEqual({ ...member.settings, name, group }, settings);
}
