import { equal, match, ok } from "node:assert/strict";
import { assertBuilt, headframe } from "./program.js";
import { rigs } from "./rig.js";

/** Of an S19k Pro. */
const THROTTLE_C = 70;
const NOMINAL_MHZ = 540;
/** Cold boards take two minutes to their target, on a computer that has other things to do. */
const WARM_S = 400;
const CAP_PCT = 35;

describe("cooling of a machine that is to be quiet", function () {
  this.timeout(900_000);
  before(assertBuilt);
  const rig = rigs();

  it("takes clock and not safety where its owner wants quiet", async () => {
    const cooling = { minDutyPct: 20, maxDutyPct: CAP_PCT };
    const config = { freqMHz: NOMINAL_MHZ, cooling };
    const mine = await rig.start({ machine: "s19k-pro", config });
    await mine.untilMining();
    let hottestC = 0;
    const { state } = await mine.until(
      "the chips run at the lowered clock",
      (snapshot) => {
        const { powerSharePct, dutyPct } = snapshot.cooling;
        hottestC = Math.max(hottestC, Number(snapshot.hottestC));
        const mostMHz = (NOMINAL_MHZ * powerSharePct) / 100;
        const isLowered = snapshot.chains.every(({ freqMHz }) => freqMHz <= mostMHz);
        return powerSharePct < 100 && isLowered && dutyPct <= CAP_PCT;
      },
      WARM_S,
    );
    ok(hottestC < THROTTLE_C, `${hottestC} C`);
    equal(state.is, "hashing");
    // What the owner set is what it was.
    equal(state.setPoints.freqMHz, NOMINAL_MHZ);
    const { stdout } = await headframe(["status", "--data", mine.dataDir]);
    match(stdout, /^cooling .*clock lowered to \d+\.\d % by heat$/m);
    ok((await mine.truth()).boards.every(({ isHarmed }) => !isHarmed));
  });
});
