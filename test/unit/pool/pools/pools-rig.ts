import type { MinerError } from "../../../../src/lib/errors.js";
import type { PoolJob, ShareOutcome } from "../../../../src/pool/pool-client.js";
import {
  DEFAULT_FAILOVER,
  type FailoverPolicy,
} from "../../../../src/pool/pools/failover-policy.js";
import type { GroupPoolSnapshot } from "../../../../src/pool/pools/pool-set-snapshot.js";
import { type PoolGroup, PoolSet } from "../../../../src/pool/pools/pool-set.js";
import type { FakeClient, FakePool } from "./fake-pool.js";
import { FakeWorld, poolSettings, shareOf } from "./fake-world.js";

/** A set of fake pools, and a chain that finds a share of the running job every second. */
export class PoolsRig {
  readonly world = new FakeWorld();
  readonly set: PoolSet;
  readonly policy: FailoverPolicy;
  /** `a > b: reason`, `-` for no pool. */
  readonly switches: string[] = [];
  readonly switchErrors: (MinerError | undefined)[] = [];
  readonly outcomes: ShareOutcome[] = [];
  readonly warnings: string[] = [];
  /** The running job by group. */
  readonly jobs = new Map<string, PoolJob>();
  readonly urgent: boolean[] = [];

  constructor(
    lists: Readonly<Record<string, string>> = { main: "a b" },
    policy: Partial<FailoverPolicy> = {},
  ) {
    this.policy = { ...DEFAULT_FAILOVER, ...policy };
    this.set = new PoolSet({
      clock: this.world.clock,
      groups: groupsOf(lists),
      policy: this.policy,
      createClient: (settings, timeouts) => this.world.createClient(settings, timeouts),
    });
    this.set.on("job", (group, job, isUrgent) => {
      this.jobs.set(group, job);
      this.urgent.push(isUrgent);
    });
    this.set.on("idle", (group) => this.jobs.delete(group));
    this.set.on("switched", ({ from = "-", to = "-", reason, error }) => {
      this.switches.push(`${from} > ${to}: ${reason}`);
      this.switchErrors.push(error);
    });
    this.set.on("notice", (pool, { kind, text }) => {
      if (kind === "warning") this.warnings.push(`${pool}: ${text}`);
    });
  }

  get nowMs(): number {
    return this.world.clock.nowMs();
  }

  pool(name: string): FakePool {
    return this.world.pool(name);
  }

  client(name: string): FakeClient {
    const client = this.world.clients.findLast(({ settings }) => settings.name === name);
    if (client === undefined) throw new Error(`no client ${name}`);
    return client;
  }

  /** Name of the pool whose work the chips have; `-` for none. */
  working(group = "main"): string {
    const job = this.jobs.get(group);
    return this.world.clients.find(({ key }) => key === job?.poolKey)?.settings.name ?? "-";
  }

  active(group = "main"): string {
    return this.set.snapshot().groups.find(({ name }) => name === group)?.active ?? "-";
  }

  facts(name: string): GroupPoolSnapshot {
    const pools = this.set.snapshot().groups.flatMap((group) => group.pools);
    const found = pools.find((pool) => pool.name === name);
    if (found === undefined) throw new Error(`no pool ${name}`);
    return found;
  }

  roles(): string {
    const pools = this.set.snapshot().groups.flatMap((group) => group.pools);
    return pools.map(({ name, role }) => `${name} ${role}`).join(", ");
  }

  /** Lets time pass; the chain finds a share every second of it. */
  async mine(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      await this.world.clock.advance(Math.min(left, 1000));
      for (const job of this.jobs.values()) this.submit(job);
    }
  }

  submit(job: PoolJob): void {
    const share = shareOf(job, this.world.nextKey());
    void this.set.submit(share).then((outcome) => this.outcomes.push(outcome));
  }

  /** Lets time pass until `pool` has the hash power; returns how long that took. */
  async until(pool: string, limitMs = 3_600_000): Promise<number> {
    const startMs = this.nowMs;
    while (this.working() !== pool) {
      if (this.nowMs - startMs > limitMs) throw new Error(`${pool} has nothing: ${this.roles()}`);
      await this.mine(200);
    }
    return this.nowMs - startMs;
  }

  arrange(lists: Readonly<Record<string, string>>, policy: FailoverPolicy = this.policy): void {
    this.set.reconfigure(groupsOf(lists), policy);
  }
}

/** Lists of pools by group, as `{ main: "a b" }`; all groups have the same quota. */
function groupsOf(lists: Readonly<Record<string, string>>): readonly PoolGroup[] {
  return Object.entries(lists).map(([name, pools]) => ({
    name,
    quota: 1,
    pools: pools
      .split(" ")
      .filter((pool) => pool !== "")
      .map((pool) => poolSettings(pool, { group: name })),
  }));
}
