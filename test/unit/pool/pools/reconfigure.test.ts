import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { isMinerError } from "../../../../src/lib/errors.js";
import { DEFAULT_FAILOVER } from "../../../../src/pool/pools/failover-policy.js";
import { poolSettings } from "./fake-world.js";
import { PoolsRig } from "./pools-rig.js";

const MINUTE_MS = 60_000;

describe("a changed list of pools", () => {
  let rig: PoolsRig;

  beforeEach(async () => {
    rig = await running({ main: "a b" });
  });

  afterEach(() => {
    rig.set.stop();
    equal(rig.world.clock.waiting, 0);
  });

  async function running(lists: Readonly<Record<string, string>>): Promise<PoolsRig> {
    const made = new PoolsRig(lists);
    made.set.start();
    await made.mine(5000);
    return made;
  }

  it("keeps the sessions of pools that stay as they are", async () => {
    const job = rig.jobs.get("main");
    rig.arrange({ main: "a c b" });
    await rig.mine(5000);
    equal(rig.jobs.get("main"), job);
    deepEqual(
      [rig.world.clients.length, rig.pool("a").attemptsAtMs.length, rig.pool("c").connected],
      [3, 1, 0],
    );
    equal(rig.roles(), "a active, c off, b off");
  });

  it("keeps the session of a pool that gets another name", async () => {
    rig.set.reconfigure(
      [{ name: "main", quota: 1, pools: [{ ...poolSettings("a"), name: "solo" }] }],
      DEFAULT_FAILOVER,
    );
    await rig.mine(1000);
    equal(rig.active(), "solo");
    equal(rig.world.clients.length, 2);
  });

  it("moves the hash power to a pool put first as soon as it has work", async () => {
    rig.arrange({ main: "b a" });
    equal(rig.working(), "a");
    ok((await rig.until("b")) <= 400);
    match(rig.switches.at(-1)!, /^a > b: the order was changed$/);
    equal(rig.roles(), "b active, a collecting");
    await rig.mine(11_000);
    equal(rig.roles(), "b active, a off");
  });

  it("forgives a pool what it did before when the operator puts it first", async () => {
    rig.pool("a").answers = "never";
    await rig.until("b");
    await rig.mine(5000);
    rig.arrange({ main: "b a" });
    rig.arrange({ main: "a b" });
    await rig.until("a", 1000);
  });

  it("collects the last answers of a pool that was taken out, and gives it no work", async () => {
    const late = rig.jobs.get("main")!;
    rig.arrange({ main: "b" });
    ok((await rig.until("b")) <= 400);
    rig.submit(late);
    equal(rig.pool("a").received.at(-1)!.share.jobKey, late.key);
    await rig.world.clock.advance(1000);
    deepEqual(rig.outcomes.at(-1), { result: "accepted" });
    await rig.mine(11_000);
    equal(rig.pool("a").connected, 0);
    const before = rig.pool("a").received.length;
    rig.submit(late);
    equal(rig.pool("a").received.length, before);
    ok(rig.set.snapshot().droppedUnowned > 0);
  });

  it("opens a new session for another worker and sends no share of the old one there", async () => {
    const late = rig.jobs.get("main")!;
    const [before] = rig.world.clients;
    const changed = poolSettings("a", { user: "other.worker" });
    rig.set.reconfigure([{ name: "main", quota: 1, pools: [changed] }], DEFAULT_FAILOVER);
    await rig.mine(1000);
    rig.submit(late);
    await rig.mine(2000);
    equal(rig.client("a").settings.user, "other.worker");
    const { received } = rig.pool("a");
    for (const { share, by } of received) equal(share.jobKey === late.key, by === before);
  });

  it("moves a session to another group with its pool", async () => {
    rig.arrange({ main: "b", second: "a" });
    await rig.mine(5000);
    deepEqual([rig.working("main"), rig.working("second")], ["b", "a"]);
    equal(rig.pool("a").attemptsAtMs.length, 1);
    rig.arrange({ second: "a" });
    await rig.mine(20_000);
    deepEqual([rig.working("main"), rig.working("second")], ["-", "a"]);
    equal(rig.pool("b").connected, 0);
  });

  it("does not swap two pools with the same account", () => {
    const one = poolSettings("one", { url: "same" });
    const two = poolSettings("two", { url: "same" });
    const group = (name: string, ...pools: (typeof one)[]) => ({ name, quota: 1, pools });
    rig.set.reconfigure([group("main", one, two)], DEFAULT_FAILOVER);
    const [first, second] = rig.world.clients.slice(-2);
    rig.set.reconfigure([group("main", two, one)], DEFAULT_FAILOVER);
    equal(rig.world.clients.at(-1), second);
    deepEqual(
      rig.set.snapshot().groups[0]!.pools.map(({ name }) => name),
      ["two", "one"],
    );
    equal(first!.settings.name, "one");
  });

  it("changes nothing when a pool of the new list cannot be", async () => {
    const bad = { name: "main", quota: 1, pools: [poolSettings("x", { url: "bad" })] };
    throws(
      () => {
        rig.set.reconfigure([bad], DEFAULT_FAILOVER);
      },
      (error) => isMinerError(error, "POOL_URL_INVALID"),
    );
    await rig.mine(MINUTE_MS);
    equal(rig.roles(), "a active, b off");
  });

  it("follows other times at once", async () => {
    rig.pool("a").turn("down");
    await rig.until("b");
    rig.pool("a").turn("up");
    rig.arrange({ main: "a b" }, { ...DEFAULT_FAILOVER, healthyMs: 5000 });
    ok((await rig.until("a")) <= 10_000);
  });

  it("is told of quotas that changed", () => {
    let times = 0;
    rig.set.on("quotas", () => (times += 1));
    rig.set.reconfigure([{ name: "main", quota: 7, pools: [poolSettings("a")] }], DEFAULT_FAILOVER);
    equal(times, 1);
    deepEqual(rig.set.quotas(), [{ name: "main", quota: 7 }]);
  });

  it("may be replaced as a whole, often, without a trace of the old", async () => {
    for (let round = 0; round < 30; round += 1) {
      rig.arrange({ [`g${round}`]: `p${round} q${round}`, main: `r${round}` });
      await rig.mine(3000);
      equal(rig.working(`g${round}`), `p${round}`);
    }
    await rig.mine(20_000);
    const connected = rig.world.clients.filter(({ state }) => state !== "stopped");
    deepEqual(
      connected.map(({ settings }) => settings.name),
      ["p29", "r29"],
    );
  });
});
