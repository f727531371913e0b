import { ok } from "node:assert/strict";
import { assertNoOwnFault } from "./load.js";
import { assertBuilt } from "./program.js";
import { rigs } from "./rig.js";
import { until } from "./until.js";

const DEAD_MAN_MS = 1000;

describe("the dead man of a chain", function () {
  this.timeout(120_000);
  before(assertBuilt);
  const rig = rigs();

  it("puts the chain into reset while the main thread is blocked, and the chain is brought up again", async () => {
    const mine = await rig.start({
      config: { deadManMs: DEAD_MAN_MS },
      preloads: ["./block.mjs"],
    });
    await mine.untilMining();
    mine.controller.signal("SIGHUP");
    const blockedMs = performance.now();
    await until(async () => (await mine.virtualChains())[0]?.isInReset === true || undefined, {
      what: "the chain is in reset",
    });
    const tookMs = performance.now() - blockedMs;
    ok(tookMs < 3500, `reset came after ${tookMs} ms, when the block was over or nearly so`);
    await mine.until("it knows what happened", ({ state }) => state.is === "fault");
    ok(mine.controller.log.some(({ code }) => code === "CHAIN_DEAD_MAN"));
    await mine.command("resume");
    await mine.untilChain(0, "is brought up again", ({ bringUps, state }) => {
      return bringUps === 2 && state === "hashing";
    });
    await mine.untilMining(3);
    assertNoOwnFault(mine);
  });
});
