import { ok } from "node:assert/strict";
import { assertNoOwnFault, counted, measureRate } from "../simulated/load.js";
import { assertBuilt } from "../simulated/program.js";
import { rigs } from "../simulated/rig.js";
import { measureFor } from "../simulated/until.js";

const DAMAGED_S = 600;

describe("ten minutes with 1 % of the bytes damaged on all wires", function () {
  this.timeout(0);
  before(assertBuilt);
  const rig = rigs();

  it("submit no wrong share, count every loss and hang nowhere", async () => {
    const mine = await rig.start({ machine: "s19k-pro", config: { freqMHz: 540 } });
    const clean = await mine.untilMining(5);
    await mine.fault({ name: "byteDamage", share: 0.01, direction: "both" });
    const beats = 20;
    for (let beat = 0; beat < beats; beat++) {
      const before = mine.pool.stats().accepted;
      await measureFor(DAMAGED_S / beats);
      await mine.until("shares go on", () => mine.pool.stats().accepted > before + 20);
    }
    const damaged = await mine.until("the controller answers", () => true);
    const { accepted, rejected, stale } = mine.pool.stats();
    const report = damaged.chains.map((chain, index) => ({
      bringUps: chain.bringUps,
      ...counted(chain, clean.chains[index]),
    }));
    const rate = await measureRate(mine, 30);
    process.stdout.write(
      `${JSON.stringify({ accepted, rejected, stale, rate, chains: report, chips: await mine.virtualChains() })}\n`,
    );
    assertNoOwnFault(mine);
    for (const { crcErrors, garbageBytes, valid, hwErrors } of report) {
      ok(crcErrors > 0 && garbageBytes > 0);
      ok(hwErrors < valid / 20);
    }
    await mine.clear();
    await mine.untilMining(5);
    const recovered = await measureRate(mine, 30);
    ok(recovered > 0.95 && recovered < 1.05, `the rate is ${recovered} of the nominal one`);
  });
});
