import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { Dispatcher, type JobTaker } from "../../src/mining/dispatcher.js";
import type { PoolJob } from "../../src/pool/pool-client.js";
import type { Mode } from "../unit/pool/pools/fake-pool.js";
import { shareOf } from "../unit/pool/pools/fake-world.js";
import { PoolsRig } from "../unit/pool/pools/pools-rig.js";

const GROUPS = ["x", "y", "z"];
const POOLS = ["a", "b", "c", "d"];
const MODES: readonly Mode[] = ["up", "down", "blackHole", "mute", "refusesLogin"];
const ANSWERS = ["accept", "refuse", "stale", "never"] as const;
// Each run is up to an hour of three groups.
const RUNS = 25;
/** The fake clients' attempt, pause and handshake, with a second of the watch. */
const READY_BOUND_MS = 1000;

type Step =
  | { readonly do: "turn"; readonly pool: string; readonly mode: Mode }
  | { readonly do: "answer"; readonly pool: string; readonly answers: (typeof ANSWERS)[number] }
  | { readonly do: "work"; readonly pool: string; readonly sendsWork: boolean }
  | { readonly do: "bad jobs"; readonly pool: string; readonly badJobs: number }
  | { readonly do: "notify"; readonly pool: string; readonly clean: boolean }
  | { readonly do: "arrange"; readonly lists: Readonly<Record<string, string>> }
  | { readonly do: "pass"; readonly seconds: number };

const pool = fc
  .tuple(fc.constantFrom(...GROUPS), fc.constantFrom(...POOLS))
  .map(([group, name]) => `${group}${name}`);

const lists = fc
  .tuple(
    ...GROUPS.map(() => fc.shuffledSubarray([...POOLS], { minLength: 1 })),
    fc.subarray([...GROUPS], { minLength: 1 }),
  )
  .map((parts) => {
    const groups = parts.at(-1)!;
    return Object.fromEntries(
      groups.map((group) => {
        const names = parts[GROUPS.indexOf(group)]!;
        return [group, names.map((name) => `${group}${name}`).join(" ")];
      }),
    );
  });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("turn" as const),
      pool,
      mode: fc.constantFrom(...MODES, "up" as const, "up" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      pool,
      answers: fc.constantFrom(...ANSWERS, "accept" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("work" as const), pool, sendsWork: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("bad jobs" as const), pool, badJobs: fc.nat(4) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("notify" as const), pool, clean: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("arrange" as const), lists }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      seconds: fc.integer({ min: 1, max: 120 }),
    }),
  },
);

/** A chain that remembers every job that it ever got: any of them may still give a share. */
class Chain implements JobTaker {
  readonly nominalThs = 100;
  readonly seen: PoolJob[] = [];
  job: PoolJob | undefined;

  takeJob(job: PoolJob): void {
    this.job = job;
    this.seen.push(job);
    if (this.seen.length > 30) this.seen.shift();
  }

  dropJob(): void {
    this.job = undefined;
  }
}

describe("any course of pools, faults and changes of the list", function () {
  this.timeout(60_000);

  it("leaves every share with the pool of its job, and work with the chains when there is any", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const course = new Course();
        try {
          course.rig.set.start();
          for (const one of steps) await course.take(one);
        } finally {
          course.stop();
        }
        equal(course.rig.world.clock.waiting, 0, "timers left");
      }),
      { numRuns: RUNS },
    );
  });
});

class Course {
  readonly rig = new PoolsRig({ x: "xa xb xc xd", y: "ya yb", z: "za" });
  readonly chains = [new Chain(), new Chain(), new Chain()];
  readonly dispatcher: Dispatcher;

  constructor() {
    const { set, world } = this.rig;
    this.dispatcher = new Dispatcher({ source: set, clock: world.clock, noPool: "stop" });
    for (const chain of this.chains) this.dispatcher.add(chain);
  }

  stop(): void {
    this.dispatcher.stop();
    this.rig.set.stop();
  }

  async take(one: Step): Promise<void> {
    if (one.do === "pass") {
      for (let second = 0; second < one.seconds; second += 1) {
        await this.rig.world.clock.advance(1000);
        this.#findShares();
        this.#check();
      }
      return;
    }
    this.#change(one);
    this.#check();
  }

  #change(one: Exclude<Step, { readonly do: "pass" }>): void {
    if (one.do === "arrange") {
      this.rig.arrange(one.lists);
      return;
    }
    const target = this.rig.pool(one.pool);
    if (one.do === "turn") target.turn(one.mode);
    else if (one.do === "answer") target.answers = one.answers;
    else if (one.do === "work") target.sendsWork = one.sendsWork;
    else if (one.do === "bad jobs") target.badJobs = one.badJobs;
    else target.notify(one.clean);
  }

  /** Of the running job and of the oldest that a chain remembers. */
  #findShares(): void {
    for (const { job, seen } of this.chains)
      for (const of of [job, seen[0]])
        if (of !== undefined) void this.rig.set.submit(shareOf(of, this.rig.world.nextKey()));
  }

  #check(): void {
    const { set, world } = this.rig;
    for (const client of world.clients) {
      for (const { share, to } of client.pool.offered.splice(0))
        ok(to.everOwned.has(share.jobKey), "a share was given to another client");
    }
    const groups = set.snapshot().groups;
    for (const group of groups) {
      const active = group.pools.filter(({ role }) => role === "active");
      ok(active.length <= 1, "two active pools in a group");
      equal(active[0]?.name ?? null, group.active);
      for (const { state } of active) equal(state, "ready", "the active pool is not ready");
      const ready = group.pools.filter(({ healthyForS }) => healthyForS !== null);
      const longest = Math.max(0, ...ready.map(({ healthyForS }) => healthyForS ?? 0));
      const isLeft = ready.every(({ leftReason }) => leftReason !== null);
      const isSpared = isLeft && groups.some(({ active: other }) => other !== null);
      ok(
        group.active !== null || isSpared || longest * 1000 <= READY_BOUND_MS,
        "a ready pool is not used",
      );
    }
    const working = groups.filter(({ active }) => active !== null);
    for (const { job } of this.chains) {
      equal(job !== undefined, working.length > 0, "chains and pools differ");
      if (job === undefined) continue;
      const client = world.clients.find(({ key }) => key === job.poolKey);
      equal(client?.state, "ready", "work of a pool that is not there");
      ok(
        working.some(({ active }) => active === client.settings.name),
        "work of a pool that is not active",
      );
    }
  }
}
