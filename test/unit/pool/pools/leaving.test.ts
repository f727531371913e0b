import { deepEqual, equal, match, ok } from "node:assert/strict";
import { PoolsRig } from "./pools-rig.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

describe("leaving a pool that is connected but does not serve", () => {
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

  describe("a pool that does not answer shares", () => {
    it("is left within 15 s, the next being connected before", async () => {
      await start();
      rig.pool("a").answers = "never";
      await rig.mine(5000);
      equal(rig.roles(), "a active, b standby");
      ok((await rig.until("b")) <= 10_000);
      match(rig.switches.at(-1)!, /^a > b: no answer to a share for \d+ s$/);
      equal(rig.switchErrors.at(-1)?.code, "POOL_SILENT");
      equal(rig.jobs.size, 1);
      ok(!rig.switches.some((line) => line.includes("> -")), "no time without work");
    });

    it("is tried again with growing waits, as a session proves nothing", async () => {
      await start();
      rig.pool("a").answers = "never";
      await rig.until("b");
      const waits: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        waits.push(Math.round((await rig.until("a")) / 10_000));
        await rig.until("b", 15_000);
      }
      deepEqual(waits, [3, 6, 12, 24]);
    });

    it("is kept while there is no other, and gets a new session after four times the limit", async () => {
      build({ main: "a" });
      await start();
      rig.pool("a").answers = "never";
      await rig.mine(22_000);
      equal(rig.pool("a").attemptsAtMs.length, 1);
      await rig.mine(8000);
      equal(rig.pool("a").attemptsAtMs.length, 2);
      equal(rig.working(), "a");
    });

    it("is left as soon when another group can use the hash power, until it has proved itself", async () => {
      build({ main: "a", friend: "x" });
      await start();
      rig.pool("a").answers = "never";
      ok((await rig.until("-")) <= 15_000);
      rig.pool("a").answers = "accept";
      const backMs = await rig.until("a");
      ok(backMs >= 28_000 && backMs <= 60_000, `${backMs} ms`);
    });

    it("does not make two slow pools throw the hash power at each other", async () => {
      await start();
      rig.pool("a").answers = "never";
      rig.pool("b").answers = "never";
      await rig.mine(5 * MINUTE_MS);
      ok(rig.switches.length <= 30, rig.switches.join("\n"));
    });

    it("goes to a pool that was not tried yet rather than back to one that failed", async () => {
      build({ main: "a b c" });
      await start();
      rig.pool("a").answers = "never";
      await rig.until("b");
      rig.pool("b").answers = "never";
      ok((await rig.until("c")) <= 15_000);
      match(rig.switches.at(-1)!, /^b > c: /);
    });

    it("is trusted again after some minutes as a replacement", async () => {
      await start();
      rig.pool("a").turn("down");
      await rig.until("b");
      rig.pool("b").answers = "never";
      rig.pool("a").turn("up");
      await rig.until("a");
      rig.pool("b").answers = "accept";
      await rig.mine(10 * MINUTE_MS);
      rig.pool("a").answers = "never";
      ok((await rig.until("b")) <= 15_000);
    });

    it("is not left for an answer that is late but comes", async () => {
      await start();
      rig.pool("a").answers = "never";
      rig.submit(rig.jobs.get("main")!);
      await rig.world.clock.advance(5000);
      equal(rig.working(), "a");
    });
  });

  describe("a pool without new work", () => {
    it("is left after two minutes, the next being connected after one", async () => {
      await start();
      rig.pool("a").sendsWork = false;
      await rig.mine(50_000);
      equal(rig.roles(), "a active, b off");
      await rig.mine(MINUTE_MS);
      equal(rig.roles(), "a active, b standby");
      ok((await rig.until("b")) <= 15_000);
      match(rig.switches.at(-1)!, /no new work for 12\d s/);
    });

    it("is left sooner when the next one has a higher block", async () => {
      await start();
      rig.pool("a").sendsWork = false;
      rig.pool("b").blockHeight = 900_001;
      const leftMs = await rig.until("b");
      ok(leftMs >= 70_000 && leftMs <= 85_000, `${leftMs} ms`);
      match(rig.switches.at(-1)!, /block 900001.*900000/);
    });

    it("is not compared with a pool of another chain", async () => {
      await start();
      rig.pool("a").sendsWork = false;
      rig.pool("b").blockHeight = 1_000_000;
      ok((await rig.until("b")) >= 100_000);
    });

    it("does not count as healthy while its work is old", async () => {
      rig.set.stop();
      build({ main: "a b" }, { healthyMs: 100_000 });
      await start();
      rig.pool("a").turn("down");
      await rig.until("b");
      rig.pool("a").sendsWork = false;
      rig.pool("a").turn("up");
      await rig.mine(HOUR_MS / 4);
      ok(!rig.switches.some((line) => line.startsWith("b > a")), rig.switches.join());
      ok(rig.pool("a").attemptsAtMs.length > 5, "it is asked anew");
    });

    it("returns ever more rarely", async () => {
      await start();
      rig.pool("a").sendsWork = false;
      await rig.until("b");
      await rig.mine(HOUR_MS / 2);
      const returns = rig.switches.filter((line) => line.startsWith("b > a")).length;
      ok(returns <= 6, `${returns} returns`);
    });
  });

  describe("a pool that refuses", () => {
    it("is left after 8 refused shares in a row", async () => {
      await start();
      rig.pool("a").answers = "refuse";
      ok((await rig.until("b")) <= 12_000);
      match(rig.switches.at(-1)!, /shares refused in a row/);
      equal(rig.switchErrors.at(-1)?.code, "POOL_LEFT");
    });

    it("is not left for a burst of refusals", async () => {
      await start();
      rig.pool("a").answers = "stale";
      for (let i = 0; i < 20; i += 1) rig.submit(rig.jobs.get("main")!);
      await rig.world.clock.advance(2000);
      rig.pool("a").answers = "accept";
      await rig.mine(MINUTE_MS);
      equal(rig.working(), "a");
    });

    it("is named when it refuses many but not all, and left only when that was asked for", async () => {
      for (const leaveOnRejects of [false, true]) {
        rig.set.stop();
        build({ main: "a b" }, { leaveOnRejects });
        await start();
        for (let round = 0; round < 100; round += 1) {
          rig.pool("a").answers = round % 3 === 0 ? "refuse" : "accept";
          await rig.mine(1000);
        }
        deepEqual(
          rig.warnings.map((line) => line.replace(/\d+/g, "N")),
          ["a: N of the last N shares were refused"],
        );
        equal(rig.switches.length > 1, leaveOnRejects, rig.switches.join());
      }
    });

    it("is left after three unusable jobs in a row", async () => {
      await start();
      rig.pool("a").badJobs = 2;
      await rig.mine(5000);
      equal(rig.roles(), "a active, b standby");
      rig.pool("a").badJobs = 3;
      await rig.until("b", 2000);
      match(rig.switches.at(-1)!, /3 unusable jobs in a row/);
    });
  });
});
