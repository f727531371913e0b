import { equal, match, ok } from "node:assert/strict";
import type { Snapshot } from "../../src/telemetry/snapshot.js";
import { assertBuilt, headframe } from "./program.js";
import { rigs } from "./rig.js";

/** Of an S19k Pro. */
const TARGET_C = 60;
const FLOOR_PCT = 30;
const NOMINAL = { machine: "s19k-pro", config: { freqMHz: 540 } };
/** Cold boards take two minutes to their target, on a computer that has other things to do. */
const WARM_S = 400;

const isNear = ({ hottestC }: Snapshot): boolean => Math.abs(Number(hottestC) - TARGET_C) < 1;

describe("cooling of a machine at its nominal clock", function () {
  this.timeout(900_000);
  before(assertBuilt);
  const rig = rigs();

  it("slows its fans after the start, holds its target, and runs on after curtail", async () => {
    const mine = await rig.start(NOMINAL);
    await mine.untilMining();
    await mine.until("fans are slower than full", ({ cooling }) => cooling.dutyPct < 90);
    const warm = await mine.until("it is warm", isNear, WARM_S);
    ok(warm.cooling.dutyPct >= FLOOR_PCT && warm.cooling.dutyPct < 100);
    await mine.until("it has settled", ({ cooling }) => cooling.reason === "target");
    const seen: number[] = [];
    const endMs = performance.now() + 20_000;
    await mine.until("it was watched for twenty seconds", ({ hottestC }) => {
      seen.push(Number(hottestC));
      return performance.now() > endMs;
    });
    ok(Math.max(...seen) < TARGET_C + 4, `${Math.max(...seen)} C`);
    equal((await mine.status())?.cooling.powerSharePct, 100);
    const { stdout } = await headframe(["status", "--data", mine.dataDir]);
    match(stdout, /^cooling by temperature, target 60 C$/m);

    await mine.command("curtail");
    const off = await mine.until("the fans run on", ({ cooling }) => cooling.reason === "runOn");
    equal(off.cooling.dutyPct, 100);
    const cool = await mine.until("all is cool", ({ cooling }) => cooling.reason === "cool", 300);
    ok(Number(cool.hottestC) < 46);
    await mine.until("fans are at their floor", ({ cooling }) => cooling.dutyPct === FLOOR_PCT);
    const { fans } = await mine.truth();
    ok(fans.every(({ dutyPct }) => Math.abs(dutyPct - FLOOR_PCT) < 1));
  });

  it("drives the other fans full when one stands, whatever becomes of the power", async () => {
    const mine = await rig.start(NOMINAL);
    await mine.untilMining();
    await mine.until("fans are slower than full", ({ cooling }) => cooling.dutyPct < 80);
    await mine.fault({ name: "fanStalled", fan: 2 });
    await mine.until("the fans are full", ({ cooling }) => cooling.dutyPct === 100, 15);
    const { fans } = await mine.truth();
    ok(fans.every(({ dutyPct }) => dutyPct === 100));
    const failed = await mine.until("it is cut", ({ state }) => state.is === "fault");
    equal(failed.state.error?.context["fan"], 2);
  });
});
