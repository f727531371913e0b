import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { TripRecord } from "../../src/safety/trip.js";
import { assertBuilt } from "./program.js";
import { rigs, type Rig } from "./rig.js";

/** Three boards behind one supply. */
const MACHINE = { machine: "s19k-pro" };

async function trips(mine: Rig): Promise<readonly TripRecord[]> {
  return (await mine.command("trips"))["trips"] as readonly TripRecord[];
}

describe("a rule that is broken while the machine hashes", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();

  async function mining(): Promise<Rig> {
    const mine = await rig.start(MACHINE);
    await mine.untilMining();
    return mine;
  }

  it("takes out the board of a dead sensor; the others hash on, and resume takes it back", async () => {
    const mine = await mining();
    const settings = readFileSync(mine.configFile, "utf8");
    await mine.fault({ name: "sensorSilent", chain: 1 });
    const { state, chains, boards } = await mine.until("a board is out", (seen) => {
      return seen.chains[1]?.state === "isolated";
    });
    equal(state.is, "hashing");
    deepEqual(
      chains.map((chain) => [chain.state, chain.error?.code]),
      [
        ["hashing", undefined],
        ["isolated", "SENSOR_SILENT"],
        ["hashing", undefined],
      ],
    );
    equal(boards[1]?.verdict, "isolated");
    equal((await mine.truth()).supply.enableLine, 0);
    const virtual = await mine.virtualChains();
    deepEqual(
      virtual.map(({ isInReset }) => isInReset),
      [false, true, false],
    );
    const [trip] = await trips(mine);
    ok(trip !== undefined);
    deepEqual(
      [trip.code, trip.action, trip.slot, trip.by, trip.cleared],
      ["SENSOR_SILENT", "isolate", 1, "rule", null],
    );
    const { temperatures } = trip.facts as {
      temperatures: readonly { slot: number; ageS: number }[];
    };
    ok(temperatures.some(({ slot, ageS }) => slot === 1 && ageS > 5));
    const { status } = { status: await mine.status() };
    deepEqual(
      status?.trips.map(({ id }) => id),
      [trip.id],
    );
    const before = mine.pool.stats().accepted;
    await mine.until("shares of the others", () => mine.pool.stats().accepted > before);
    equal(readFileSync(mine.configFile, "utf8"), settings);

    await mine.clear();
    // The sensor has to be read before its board is taken back.
    await mine.until("the sensor answers", ({ temperatures: read }) =>
      read.every(({ slot, error }) => slot !== 1 || error === null),
    );
    await mine.command("resume");
    await mine.untilMining();
    equal((await trips(mine))[0]?.cleared?.by, "owner");
  });

  it("cuts all power when all sensors die", async () => {
    const mine = await mining();
    await mine.fault({ name: "sensorSilent" });
    const { state } = await mine.until("power is cut", (seen) => seen.state.is === "fault");
    equal(state.error?.code, "SENSOR_SILENT");
    equal((await mine.truth()).supply.enableLine, 1);
    const last = (await trips(mine)).at(-1);
    deepEqual([last?.action, last?.slot, last?.cleared], ["cut", null, null]);
  });

  it("takes out a board that gets hot alone", async () => {
    const mine = await mining();
    await mine.fault({ name: "sensorDrifts", chain: 2, cPerS: 1 });
    const { chains, state } = await mine.until("a board is out", (seen) => {
      return seen.chains[2]?.state === "isolated" || seen.state.is === "fault";
    });
    deepEqual([state.is, chains[2]?.error?.code], ["hashing", "BOARD_HOT"]);
  });

  it("cuts all power when the supply no longer holds its setpoint", async () => {
    const mine = await mining();
    await mine.fault({ name: "psuTellsWrongSetpoint" });
    const { state } = await mine.until("power is cut", (seen) => seen.state.is === "fault");
    equal(state.error?.code, "PSU_READBACK_MISMATCH");
    equal((await mine.truth()).supply.enableLine, 1);
    await mine.clear();
    const [trip] = await trips(mine);
    await mine.command("trips", "clear", trip?.id ?? "");
    await mine.untilMining();
    // The rule may have seen before its owner that all is well.
    ok(["owner", "rule"].includes(String((await trips(mine))[0]?.cleared?.by)));
  });
});
