import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SubmitLineEvent } from "../../src/virtual/pool/pool-events.js";
import { assertNoOwnFault } from "./load.js";
import { assertBuilt } from "./program.js";
import { rigs } from "./rig.js";

describe("a part that is killed and started again", function () {
  this.timeout(120_000);
  before(assertBuilt);
  const rig = rigs();

  it("controller: mines again on the same ttys and in the same data directory", async () => {
    const mine = await rig.start();
    await mine.untilMining();
    await mine.controller.kill();
    ok(existsSync(join(mine.dataDir, "control.sock")), "the socket is left behind");
    mine.startController();
    const { chains } = await mine.untilMining(3);
    equal(chains[0]?.bringUps, 1);
    assertNoOwnFault(mine);
  });

  it("controller: leaves its chains in reset and no socket behind when it is asked to end", async () => {
    const mine = await rig.start();
    await mine.untilMining();
    equal(await mine.controller.stop(), 0);
    deepEqual(
      (await mine.virtualChains()).map(({ isInReset }) => isInReset),
      [true],
    );
    equal(existsSync(join(mine.dataDir, "control.sock")), false);
  });

  it("hashboards, supply and fans: are found again and mine", async () => {
    // A Bitaxe has its fan controller on the board, which does not lose its settings alone.
    const mine = await rig.start({ machine: "s19k-pro", chains: [0] });
    await mine.untilMining();
    await mine.killVirtual();
    await mine.until("nothing answers any more", ({ state }) => state.is === "fault");
    await mine.startVirtual();
    await mine.command("resume");
    await mine.untilChain(0, "is back", ({ state }) => state === "hashing", 90);
    await mine.untilMining(3);
    assertNoOwnFault(mine);
  });

  it("pool: is connected to again, and gets no share of the session before", async () => {
    const mine = await rig.start();
    await mine.untilMining();
    const { port } = mine.pool;
    await mine.pool.stop();
    await mine.until("there is no pool", ({ pool }) => pool.state !== "ready");
    const jobsOfNewPool = new Set<unknown>();
    const submitted: SubmitLineEvent[] = [];
    const pool = await mine.startPool(port);
    pool.onJobSent(({ jobId }) => jobsOfNewPool.add(jobId));
    pool.onSubmitLine((line) => submitted.push(line));
    const { pool: status } = await mine.untilMining(5);
    for (const { line } of submitted) {
      const { params } = JSON.parse(line) as { params: unknown[] };
      ok(jobsOfNewPool.has(params[1]), `${line} is for a job of the old session`);
    }
    equal(status.sessions, 2);
    assertNoOwnFault(mine);
  });
});
