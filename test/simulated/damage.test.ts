import { equal, ok } from "node:assert/strict";
import { assertNoOwnFault, counted, measureRate } from "./load.js";
import { assertBuilt } from "./program.js";
import { rigs } from "./rig.js";
import { measureFor } from "./until.js";

const DAMAGED_S = 40;

describe("a wire that damages bytes", function () {
  this.timeout(240_000);
  before(assertBuilt);
  const rig = rigs();

  it("costs hash rate but no wrong share while 1 % of all bytes are wrong, and nothing afterwards", async () => {
    const mine = await rig.start({ machine: "s19k-pro" });
    const clean = await mine.untilMining(5);
    for (const chain of clean.chains) {
      const { hwErrors, crcErrors, garbageBytes } = counted(chain);
      equal(hwErrors + crcErrors + garbageBytes, 0, "the wire was clean before");
    }

    await mine.fault({ name: "byteDamage", share: 0.01, direction: "both" });
    const atStart = mine.pool.stats().accepted;
    await measureFor(DAMAGED_S);
    await mine.untilMining();
    const damaged = await mine.until("the controller answers", () => true);
    ok(mine.pool.stats().accepted > atStart + 20, "shares are found all the same");
    assertNoOwnFault(mine);
    for (const [index, chain] of damaged.chains.entries()) {
      equal(chain.bringUps, 1, "noise alone is no reason to start over");
      const { crcErrors, garbageBytes, valid, hwErrors } = counted(chain, clean.chains[index]);
      ok(valid > 100);
      // 1 % of eleven bytes: about one answer in ten is damaged; the checksum finds most of them.
      ok(crcErrors > valid / 50, `${crcErrors} checksum errors beside ${valid} good answers`);
      ok(garbageBytes > 0);
      ok(hwErrors < valid / 20, `${hwErrors} damaged answers had a good checksum`);
    }
    const chips = await mine.virtualChains();
    for (const { crcErrors, garbageBytes } of chips) ok(crcErrors + garbageBytes > 0);

    await mine.clear();
    await mine.untilMining(5);
    const before = await mine.until("the controller answers", () => true);
    const rate = await measureRate(mine, 10);
    const after = await mine.until("the controller answers", () => true);
    ok(rate > 0.9 && rate < 1.1, `the rate is ${rate} of the nominal one`);
    for (const [index, chain] of after.chains.entries()) {
      const { crcErrors, hwErrors } = counted(chain, before.chains[index]);
      equal(crcErrors + hwErrors, 0);
    }
    assertNoOwnFault(mine);
  });
});
