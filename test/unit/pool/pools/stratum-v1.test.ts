import { deepEqual, equal } from "node:assert/strict";
import { ManualClock } from "../../../../src/lib/clock.js";
import { createPoolClient } from "../../../../src/pool/create-pool-client.js";
import { type PoolJob, keySource } from "../../../../src/pool/pool-client.js";
import { PoolSet } from "../../../../src/pool/pools/pool-set.js";
import { type PoolPeer, ScriptedPool, notifyParams } from "../scripted-pool.js";
import { poolSettings, shareOf } from "./fake-world.js";

describe("choice between two Stratum V1 pools", () => {
  let a: ScriptedPool;
  let b: ScriptedPool;
  let clock: ManualClock;
  let set: PoolSet;
  let jobs: PoolJob[];
  let outcomes: string[];

  beforeEach(async () => {
    [a, b] = await Promise.all([ScriptedPool.listen(), ScriptedPool.listen()]);
    clock = new ManualClock();
    const deps = { clock, nextKey: keySource(), agent: "headframe/0.0.0", random: () => 0 };
    set = new PoolSet({
      clock,
      groups: [
        {
          ...{ name: "main", quota: 1 },
          pools: [
            poolSettings("a", { url: a.url, user: "account.a" }),
            poolSettings("b", { url: b.url, user: "account.b" }),
          ],
        },
      ],
      createClient: (settings, timeouts) => createPoolClient(settings, { ...deps, timeouts }),
    });
    jobs = [];
    outcomes = [];
    set.on("job", (_, job) => jobs.push(job));
    set.on("shareOutcome", (pool, _, { result }) => outcomes.push(`${pool} ${result}`));
  });

  afterEach(() => {
    set.stop();
    a.close();
    b.close();
  });

  async function open(pool: ScriptedPool, jobId: string): Promise<PoolPeer> {
    const peer = await pool.accept();
    await peer.welcome();
    peer.notify("mining.notify", ...notifyParams(jobId, { clean: true }));
    await peer.settled();
    return peer;
  }

  /** The next submit that the pool gets, without the requests of the opening. */
  async function nextSubmit(peer: PoolPeer): Promise<{ id: number; user: unknown; job: unknown }> {
    for (;;) {
      const { id, method, params } = await peer.next();
      if (method === "mining.submit") return { id, user: params?.[0], job: params?.[1] };
    }
  }

  function submit(job: PoolJob): void {
    const extranonce2 = new Uint8Array(job.extranonce2Size);
    void set.submit({ ...shareOf(job, 7), extranonce2 });
  }

  function active(): string | null | undefined {
    return set.snapshot().groups[0]?.active;
  }

  it("gives the work of the next pool when the first closes, under the next pool's worker", async () => {
    set.start();
    const first = await open(a, "from a");
    equal(active(), "a");
    first.close();
    const second = await open(b, "from b");
    equal(active(), "b");
    const [ofA, ofB] = jobs;
    deepEqual([ofA?.jobId, ofB?.jobId], ["from a", "from b"]);
    submit(ofA!);
    submit(ofB!);
    const { user, job } = await nextSubmit(second);
    deepEqual([user, job], ["account.b", "from b"]);
    await second.settled();
    equal(second.unread, 0);
  });

  it("leaves a pool that swallows a share for one that was opened in the meantime", async () => {
    set.start();
    const first = await open(a, "from a");
    submit(jobs[0]!);
    await nextSubmit(first);
    await clock.advance(4000);
    await open(b, "from b");
    equal(active(), "a");
    equal(jobs.length, 1);
    await clock.advance(6000);
    equal(active(), "b");
    equal(jobs.at(-1)?.jobId, "from b");
    await first.closed;
    deepEqual(outcomes, ["a lost"]);
  });

  it("returns to a pool that is healthy, and lets the other answer its last shares", async () => {
    set.start();
    (await open(a, "from a")).close();
    const second = await open(b, "from b");
    const ofB = jobs.at(-1)!;
    await clock.advance(1000);
    await open(a, "again");
    equal(active(), "b");
    await clock.advance(31_000);
    equal(active(), "a");
    equal(jobs.at(-1)?.jobId, "again");
    submit(ofB);
    const { id, user } = await nextSubmit(second);
    equal(user, "account.b");
    second.send({ id, result: true, error: null });
    await second.settled();
    deepEqual(outcomes, ["b accepted"]);
    await clock.advance(11_000);
    await second.closed;
    equal(active(), "a");
  });
});
