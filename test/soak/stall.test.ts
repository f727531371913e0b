import { ok } from "node:assert/strict";
import { loadDrivenMachine } from "../../src/boards/load-machine.js";
import {
  assertNoGap,
  assertNoOwnFault,
  assertNoShareLost,
  measureRate,
} from "../simulated/load.js";
import { assertBuilt } from "../simulated/program.js";
import { rigs } from "../simulated/rig.js";

const STALLED_S = 60;

describe("a minute of an event loop that stalls 400 ms every 5 s", function () {
  this.timeout(0);
  before(assertBuilt);
  const rig = rigs();

  for (const machine of ["s19k-pro", "s19j-pro", "s21", "s21-pro"])
    it(`leaves no gap in the work of ${machine} at its nominal clock and loses no share`, async () => {
      const freqMHz = loadDrivenMachine(machine).freqMHz.nominal;
      const mine = await rig.start({
        ...{ machine, config: { freqMHz }, preloads: ["./stall.mjs"] },
        // Four times as much work as with all version bits, some 200 to 400 ms apart: waiting for a stall would show.
        pool: { versionMask: 0x07ff_e000 },
      });
      await mine.untilMining(5);
      const rate = await measureRate(mine, STALLED_S);
      const snapshot = await mine.until("the controller answers", () => true);
      const gapsMs = snapshot.chains.map(({ counters }) => counters.worstWorkGapUs / 1000);
      const [chain] = snapshot.chains;
      process.stdout.write(
        `${JSON.stringify({ machine, rate, gapsMs, intervalMs: chain?.jobIntervalMs })}\n`,
      );
      ok(rate > 0.97 && rate < 1.03, `the rate is ${rate} of the nominal one`);
      assertNoGap(snapshot);
      await assertNoShareLost(mine);
      assertNoOwnFault(mine);
    });
});
