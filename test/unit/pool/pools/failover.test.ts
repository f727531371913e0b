import { deepEqual, equal, match, ok } from "node:assert/strict";
import { PoolsRig } from "./pools-rig.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

describe("failover of a group", () => {
  let rig: PoolsRig;

  function build(...args: ConstructorParameters<typeof PoolsRig>): void {
    rig = new PoolsRig(...args);
  }

  beforeEach(() => {
    build();
  });

  afterEach(() => {
    rig.set.stop();
    equal(rig.world.clock.waiting, 0);
  });

  async function start(): Promise<void> {
    rig.set.start();
    await rig.mine(5000);
    equal(rig.working(), "a");
  }

  describe("start", () => {
    it("mines for the first pool and leaves the others alone", async () => {
      await start();
      await rig.mine(HOUR_MS / 4);
      equal(rig.roles(), "a active, b off");
      equal(rig.pool("b").attemptsAtMs.length, 0);
      equal(rig.set.snapshot().groups[0]!.switches, 0);
    });

    it("starts the next pool when the first takes too long", async () => {
      rig.pool("a").turn("blackHole");
      rig.set.start();
      await rig.mine(5900);
      equal(rig.pool("b").attemptsAtMs.length, 0);
      ok((await rig.until("b")) <= 1500);
    });

    it("starts the next pool at once when the first cannot be reached", async () => {
      rig.pool("a").turn("down");
      rig.set.start();
      ok((await rig.until("b")) <= 1000);
      match(rig.switches[0]!, /^- > b: /);
    });

    it("starts one pool after the other", async () => {
      build({ main: "a b c d" });
      for (const name of ["a", "b", "c"]) rig.pool(name).turn("mute");
      rig.set.start();
      ok((await rig.until("d")) <= 20_000);
      deepEqual(
        ["b", "c", "d"].map((name) => Math.round(rig.pool(name).attemptsAtMs[0]! / 1000)),
        [6, 12, 18],
      );
    });
  });

  describe("a pool that goes", () => {
    it("is left for the next in the time that this needs to give work", async () => {
      await start();
      rig.pool("a").turn("down");
      ok((await rig.until("b")) <= 400);
      deepEqual(
        rig.switches.slice(1).map((line) => line.replace(/: .*reset by peer$/, ": reset")),
        ["a > -: reset", "- > b: first pool that is ready"],
      );
      equal(rig.switchErrors[1]?.code, "POOL_UNREACHABLE");
      match(rig.facts("a").leftReason!, /reset by peer/);
    });

    it("gets the hash power back within 60 s of its health, after minutes away too", async () => {
      await start();
      for (const mode of ["down", "blackHole", "mute", "refusesLogin"] as const) {
        rig.pool("a").turn(mode);
        await rig.mine(11 * MINUTE_MS);
        equal(rig.working(), "b", mode);
        rig.pool("a").turn("up");
        const backMs = await rig.until("a");
        // A refused login is not asked for again for a minute; what follows is at once.
        const [leastMs, mostMs] = mode === "refusesLogin" ? [0, 61_000] : [30_000, 60_000];
        ok(backMs >= leastMs && backMs <= mostMs, `${mode}: ${backMs} ms`);
        await rig.mine(11 * MINUTE_MS);
      }
    });

    it("gets the hash power back at once when it only wanted another session, unless it makes a habit of it", async () => {
      await start();
      rig.pool("a").askAway();
      equal(rig.working() === "a", false);
      ok((await rig.until("a")) <= 2_000);
      await rig.mine(20_000);
      rig.pool("a").askAway();
      const secondMs = await rig.until("a");
      ok(secondMs >= 30_000 && secondMs <= 60_000, `${secondMs} ms`);
    });

    it("is asked again every 10 s, and every minute when it refused the login", async () => {
      await start();
      for (const [mode, leastMs, mostMs] of [
        ["down", 1000, 10_200],
        ["refusesLogin", 60_000, 61_000],
      ] as const) {
        rig.pool("a").turn(mode);
        await rig.mine(2 * MINUTE_MS);
        rig.pool("a").attemptsAtMs.splice(0);
        await rig.mine(10 * MINUTE_MS);
        const times = rig.pool("a").attemptsAtMs;
        const gaps = times.slice(1).map((ms, index) => ms - times[index]!);
        ok(
          gaps.every((ms) => ms >= leastMs && ms <= mostMs),
          `${mode}: ${gaps.join()}`,
        );
        rig.pool("a").turn("up");
        await rig.until("a");
      }
    });

    it("never gets it back when it is away every 20 s", async () => {
      await start();
      for (let round = 0; round < 60; round += 1) {
        rig.pool("a").turn("down");
        await rig.mine(5000);
        equal(rig.working(), "b");
        rig.pool("a").turn("up");
        await rig.mine(15_000);
        equal(rig.working(), "b");
      }
    });

    it("waits longer after every return that did not last, until one does", async () => {
      await start();
      const waits: number[] = [];
      for (let round = 0; round < 6; round += 1) {
        rig.pool("a").turn("down");
        await rig.until("b");
        rig.pool("a").turn("up");
        waits.push(Math.round((await rig.until("a")) / 10_000));
        await rig.mine(MINUTE_MS);
      }
      deepEqual(waits, [3, 6, 12, 24, 30, 30]);
      await rig.mine(10 * MINUTE_MS);
      rig.pool("a").turn("down");
      await rig.until("b");
      rig.pool("a").turn("up");
      ok((await rig.until("a")) <= 40_000);
    });

    it("is left when it refuses the login late", async () => {
      await start();
      rig.pool("a").turn("refusesLogin");
      await rig.until("b", 1000);
      await rig.mine(MINUTE_MS);
      equal(rig.facts("a").lastError?.code, "POOL_AUTH_REFUSED");
    });
  });

  describe("the old pool", () => {
    it("takes late shares and answers for 10 s after a return, then is off", async () => {
      await start();
      rig.pool("a").turn("down");
      await rig.until("b");
      const late = rig.jobs.get("main")!;
      rig.pool("a").turn("up");
      await rig.until("a");
      equal(rig.roles(), "a active, b collecting");
      equal(rig.urgent.at(-1), true, "the first job of a session is clean");
      const before = rig.pool("b").received.length;
      rig.submit(late);
      equal(rig.pool("b").received.length, before + 1);
      await rig.mine(11_000);
      equal(rig.roles(), "a active, b off");
      rig.submit(late);
      equal(rig.pool("b").received.length, before + 1);
    });

    it("has its work announced clean when a clean job came while another was active", async () => {
      await start();
      rig.pool("a").turn("down");
      await rig.until("b");
      rig.pool("a").turn("up");
      await rig.mine(20_000);
      rig.pool("a").notify(true);
      rig.pool("a").notify(false);
      await rig.until("a");
      equal(rig.jobs.get("main")!.clean, true);
      rig.pool("a").notify(false);
      equal(rig.jobs.get("main")!.clean, false);
      equal(rig.urgent.at(-1), false);
    });
  });

  it("sends a job at once that follows closely on a clean one, and any other in its turn", async () => {
    await start();
    rig.pool("a").notify(true);
    await rig.mine(50);
    rig.pool("a").notify(false);
    deepEqual(rig.urgent.slice(-2), [true, true]);
    equal(rig.jobs.get("main")!.clean, false, "shares of the first may still count");
    await rig.mine(3_000);
    rig.pool("a").notify(false);
    equal(rig.urgent.at(-1), false);
  });

  it("goes round the list while all pools are down, and leaks nothing", async () => {
    build({ main: "a b c" });
    for (const name of ["a", "b", "c"]) rig.pool(name).turn("down");
    rig.set.start();
    await rig.mine(2 * MINUTE_MS);
    const waiting = rig.world.clock.waiting;
    await rig.mine(HOUR_MS);
    equal(rig.world.clock.waiting, waiting);
    equal(rig.working(), "-");
    equal(rig.world.clients.length, 3);
    rig.pool("b").turn("up");
    ok((await rig.until("b")) <= 11_000);
    equal(rig.roles(), "a probing, b active, c off");
  });

  it("says why which pool is active", async () => {
    await start();
    rig.pool("a").turn("down");
    await rig.until("b");
    rig.pool("a").turn("up");
    await rig.mine(12_000);
    const [group] = rig.set.snapshot().groups;
    const { name, active, switches, lastSwitchAgoS } = group!;
    deepEqual([name, active, switches], ["main", "b", 1]);
    ok(lastSwitchAgoS! >= 10 && lastSwitchAgoS! <= 15);
    const { role, priority, healthyForS, returnInS, leftReason, leftAgoS } = rig.facts("a");
    deepEqual([role, priority], ["probing", 0]);
    equal(Math.round(healthyForS! + returnInS!), 30);
    match(leftReason!, /reset by peer/);
    ok(leftAgoS! >= 12);
    deepEqual(
      [rig.facts("b").returnInS, rig.facts("b").leftReason, rig.facts("b").leftAgoS],
      [null, null, null],
    );
  });
});
