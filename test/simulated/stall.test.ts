import { ok } from "node:assert/strict";
import { assertNoGap, assertNoOwnFault, assertNoShareLost, measureRate } from "./load.js";
import { assertBuilt } from "./program.js";
import { rigs } from "./rig.js";

const STALLED_S = 30;

describe("an event loop that stalls 400 ms every 5 s", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();

  it("leaves no gap in the work of any chain and loses no share", async () => {
    const mine = await rig.start({
      machine: "s19k-pro",
      config: { freqMHz: 540 },
      // Four times as much work as with all version bits, one every 364 ms: waiting for a stall would show.
      pool: { versionMask: 0x07ff_e000 },
      preloads: ["./stall.mjs"],
    });
    await mine.untilMining(5);
    const rate = await measureRate(mine, STALLED_S);
    ok(rate > 0.95 && rate < 1.05, `the rate is ${rate} of the nominal one`);
    assertNoGap(await mine.until("the controller answers", () => true));
    await assertNoShareLost(mine);
    assertNoOwnFault(mine);
  });
});
