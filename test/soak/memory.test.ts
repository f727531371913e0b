import { ok } from "node:assert/strict";
import { assertNoOwnFault } from "../simulated/load.js";
import { assertBuilt } from "../simulated/program.js";
import { rigs } from "../simulated/rig.js";
import { measureFor } from "../simulated/until.js";

const MINUTES = 60;
/** The heap finds its size in the first minutes. */
const WARM_UP_MINUTES = 10;
const LIMIT_MB = 80;
/** The memory of the last 16,384 shares sent fills in about an hour and takes some 6 MB; a leak takes more. */
const GROWTH_MB = 8;

describe("an hour of mining with three chains", function () {
  this.timeout(0);
  before(assertBuilt);
  const rig = rigs();

  it(`stays below ${LIMIT_MB} MB and does not grow`, async () => {
    const mine = await rig.start({ machine: "s19k-pro", config: { freqMHz: 540 } });
    await mine.untilMining(5);
    const samplesMb: number[] = [];
    for (let minute = 0; minute < MINUTES; minute++) {
      await measureFor(60);
      const { process: used } = await mine.until("the controller answers", () => true);
      samplesMb.push(used.rssMb);
    }
    process.stdout.write(`RSS by minute, MB: ${samplesMb.map((mb) => mb.toFixed(1)).join(" ")}\n`);
    ok(Math.max(...samplesMb) < LIMIT_MB);
    const growthMb =
      meanOf(samplesMb.slice(-WARM_UP_MINUTES)) -
      meanOf(samplesMb.slice(WARM_UP_MINUTES, 2 * WARM_UP_MINUTES));
    ok(growthMb < GROWTH_MB, `grew ${growthMb.toFixed(1)} MB`);
    assertNoOwnFault(mine);
  });
});

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
