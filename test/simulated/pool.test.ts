import { equal } from "node:assert/strict";
import { assertNoOwnFault, counted } from "./load.js";
import { assertBuilt } from "./program.js";
import { type Rig, rigs } from "./rig.js";
import { measureFor } from "./until.js";

/** A single chip gets new work with every job when blocks come often. */
const OFTEN = { jobIntervalS: 1, blockIntervalS: 3 };
const UNHURRIED_MS = 200;

describe("a pool", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();

  /** No share refused but stale ones, and no chip answer that fits nothing. */
  async function assertFlawless(mine: Rig): Promise<void> {
    assertNoOwnFault(mine);
    const { chains } = await mine.until("the controller answers", () => true);
    for (const chain of chains) {
      const { hwErrors, duplicates } = counted(chain);
      equal(hwErrors, 0);
      // Chips that need work more often repeat themselves as soon as this computer is late with it.
      if (chain.jobIntervalMs >= UNHURRIED_MS) equal(duplicates, 0);
    }
  }

  it("gets good shares whatever the size of extranonce2, from three chains at once", async () => {
    const sizes = [0, 1, 2, 4, 8, 16];
    const runs = sizes.map(async (extranonce2Size) => {
      const mine = await rig.start({
        ...{ machine: "s19k-pro", pool: { ...OFTEN, extranonce2Size } },
      });
      await mine.untilMining(20);
      await assertFlawless(mine);
    });
    await Promise.all(runs);
  });

  // Chips give each sub-core of a core a version of its own: with few versions most of them idle.
  it("gets good shares with a narrow version mask, a strange one, a tiny one and none", async () => {
    const masks = [
      { versionMask: 0x00ffe000, shares: 15 },
      { versionMask: 0x1aaa4000, shares: 15 },
      { versionMask: 0x00c00000, shares: 8 },
      { versionMask: null, shares: 3 },
    ];
    const runs = masks.map(async ({ versionMask, shares }) => {
      const mine = await rig.start({ pool: { ...OFTEN, versionMask } });
      await mine.untilMining(shares);
      await assertFlawless(mine);
    });
    await Promise.all(runs);
  });

  it("gets all shares when its difficulty is below what chips usually report", async () => {
    const mine = await rig.start({
      config: { ticketDifficulty: 256 },
      pool: { ...OFTEN, startDifficulty: 16 },
    });
    const { chains } = await mine.untilMining(40);
    equal(chains[0]?.ticketDifficulty, 16);
    await assertFlawless(mine);
    // Chips may still answer older work: they report as much for two minutes (unit test), then less.
    mine.pool.setDifficulty(512);
    const { chains: later } = await mine.untilMining(3);
    equal(later[0]?.ticketDifficulty, 16);
    mine.pool.setDifficulty(2.5);
    await mine.untilChain(0, "reports more", ({ ticketDifficulty }) => ticketDifficulty === 2);
    await mine.untilMining(40);
    assertNoOwnFault(mine);
  });

  it("may change its difficulty all the time", async () => {
    const mine = await rig.start({
      ...{ machine: "s19k-pro", chains: [0] },
      // Its own suggestion would make shares rare.
      adapt: (config) => ({
        ...config,
        pools: (config["pools"] as object[]).map((pool) => ({ ...pool, suggestDifficulty: 0 })),
      }),
      pool: {
        ...OFTEN,
        vardiff: { sharesPerMinute: 600, retargetIntervalS: 2, min: 1, max: 2 ** 30 },
        startDifficulty: 1,
      },
    });
    await mine.untilMining(20);
    const start = mine.pool.stats().difficulty;
    await mine.until("the difficulty has moved", () => mine.pool.stats().difficulty !== start);
    await mine.untilMining(50);
    assertNoOwnFault(mine);
  });

  it("may storm with new blocks", async () => {
    const mine = await rig.start({ machine: "s19k-pro", chains: [0, 1] });
    await mine.untilMining();
    for (let block = 0; block < 100; block++) {
      mine.pool.newBlock();
      mine.pool.newJob();
      await measureFor(block % 3 === 0 ? 0.05 : 0);
    }
    await mine.untilMining(10);
    await assertFlawless(mine);
  });

  it("may drop the connection again and again", async () => {
    const mine = await rig.start();
    await mine.untilMining();
    for (let session = 2; session <= 4; session++) {
      mine.pool.dropConnections();
      await mine.until("a new session", ({ pool }) => {
        return pool.sessions >= session && pool.state === "ready";
      });
      await mine.untilMining(3);
    }
    await assertFlawless(mine);
  });

  it("gets shares of a new job from a single chip within seconds, also when older work may go on", async () => {
    const mine = await rig.start({ pool: { jobIntervalS: 0, blockIntervalS: 0 } });
    await mine.untilMining();
    const shared = new Set<unknown>();
    let newest = "";
    mine.pool.onShare(({ jobId }) => shared.add(jobId));
    mine.pool.onJobSent(({ jobId }) => (newest = jobId));
    mine.pool.newJob();
    await mine.until("a share of the new job", () => shared.has(newest), 15);
  });
});
