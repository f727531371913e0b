import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import type { ReplayReport } from "../../src/recorder/replay/replay-outcome.js";
import { assertBuilt, headframe } from "./program.js";
import { rigs, type Rig } from "./rig.js";

/** Three boards behind one supply. */
const MACHINE = { machine: "s19k-pro" };

async function replay(mine: Rig): Promise<ReplayReport> {
  const { exitCode, stdout, stderr } = await headframe([
    ...["replay", join(mine.dataDir, "flight.ring"), "--json"],
  ]);
  equal(exitCode, 0, stderr + stdout);
  return JSON.parse(stdout) as ReplayReport;
}

describe("the recording of a machine", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();

  it("outlives kill -9, and its trip is decided again", async () => {
    const mine = await rig.start(MACHINE);
    await mine.untilMining();
    const running = await replay(mine);
    ok(running.isSame && running.looks > 20 && running.coolingDecisions > 5);
    deepEqual(running.trips, []);

    await mine.fault({ name: "sensorSilent" });
    await mine.until("power is cut", ({ state }) => state.is === "fault");
    await mine.controller.kill();
    const dead = await replay(mine);
    ok(dead.isSame && dead.looks > running.looks);
    // Boards are taken out one after the other, until none would be left.
    ok(dead.trips.every(({ code, replay: how }) => code === "SENSOR_SILENT" && how === "same"));
    equal(dead.trips.at(-1)?.action, "cut");
    deepEqual(dead.gaps, []);
    equal(dead.skipped, 0);

    // The next controller goes on in the same file.
    await mine.clear();
    mine.startController();
    await mine.untilMining();
    const { sessions, isSame, trips } = await replay(mine);
    deepEqual([sessions, isSame, trips.length], [2, true, dead.trips.length]);
  });
});
