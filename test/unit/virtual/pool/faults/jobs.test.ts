import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import type { FaultRequest } from "../../../../../src/virtual/pool/faults/fault-set.js";
import { RawMiner } from "../raw-miner.js";
import { submitParams } from "../rig.js";
import { submit, withMiner, withQuietPool, type Scene } from "./fault-rig.js";

/** The first job after a fault was set in mid-session. */
async function jobAfter(
  { pool, clock, miner }: Scene,
  fault: FaultRequest,
): Promise<readonly unknown[]> {
  await pool.fault(fault);
  await clock.advance(1);
  return miner.next("mining.notify");
}

const coinbaseBytes = (job: readonly unknown[]): number =>
  (String(job[2]).length + String(job[3]).length) / 2;

describe("faults of the jobs of a test pool", () => {
  it("cleanNever and cleanAlways: the flag lies, and a new block still makes shares stale", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "cleanNever" });
      pool.newBlock();
      const next = await miner.next("mining.notify");
      equal(next[8], false);
      notEqual(next[1], job[1]);
      deepEqual((await submit(miner, job, 1)).error, [21, "Stale", null]);
      equal((await submit(miner, next, 1)).result, true);
      await pool.clear();
      await pool.fault({ name: "cleanAlways" });
      pool.newJob();
      equal((await miner.next("mining.notify"))[8], true);
    });
  });

  it("jobsRepeated: the same parameters again, for which shares count once", async () => {
    await withMiner(async ({ pool, clock, miner, job }) => {
      await pool.fault({ name: "jobsRepeated", everyMs: 1000 });
      await clock.advance(1000);
      deepEqual(await miner.next("mining.notify"), job);
      equal((await submit(miner, job, 1)).result, true);
      deepEqual((await submit(miner, job, 1)).error, [22, "Duplicate", null]);
    });
  });

  it("sameJobId: another content under one id, and the last one counts", async () => {
    await withMiner(async (scene) => {
      const first = await jobAfter(scene, { name: "sameJobId" });
      scene.pool.newJob();
      const second = await scene.miner.next("mining.notify");
      equal(first[0], second[0]);
      notEqual(first[2], second[2]);
      equal((await submit(scene.miner, second, 1)).result, true);
    });
  });

  it("jobIdIs and jobIdAsNumber: shares come back under the id as it was told", async () => {
    await withMiner(async (scene) => {
      const strange = await jobAfter(scene, { name: "jobIdIs" });
      ok(String(strange[0]).startsWith('0x~ %"ü/'));
      equal((await submit(scene.miner, strange, 1)).result, true);
      await scene.pool.clear();
      const numbered = await jobAfter(scene, { name: "jobIdAsNumber" });
      equal(typeof numbered[0], "number");
      equal((await submit(scene.miner, numbered, 1)).result, true);
      const asText = [...submitParams(numbered, 2)];
      asText[1] = String(asText[1]);
      equal((await scene.miner.call("mining.submit", asText)).result, false);
    });
  });

  it("extraJobElement: clean_jobs is the last of ten", async () => {
    await withMiner(async ({ pool, miner }) => {
      await pool.fault({ name: "extraJobElement" });
      pool.newBlock();
      const job = await miner.next("mining.notify");
      deepEqual([job.length, job[8], job[9]], [10, "extra", true]);
    });
  });

  it("merkleBranches, coinbaseSize, ntimeOffset: as asked for, and shares count", async () => {
    await withMiner(async (scene) => {
      for (const count of [0, 14, 32]) {
        const job = await jobAfter(scene, { name: "merkleBranches", count });
        equal((job[4] as unknown[]).length, count);
        equal((await submit(scene.miner, job, 1)).result, true);
      }
      await scene.pool.clear();
      const big = await jobAfter(scene, { name: "coinbaseSize", bytes: 16_000 });
      ok(coinbaseBytes(big) >= 16_000 && coinbaseBytes(big) < 30_000);
      equal((await submit(scene.miner, big, 1)).result, true);
      await scene.pool.clear();
      for (const seconds of [3600, -3600]) {
        const job = await jobAfter(scene, { name: "ntimeOffset", seconds });
        const offsetS = parseInt(String(job[7]), 16) - scene.clock.unixMs() / 1000;
        ok(Math.abs(offsetS - seconds) <= 1);
        equal((await submit(scene.miner, job, 1)).result, true);
        await scene.pool.clear();
      }
    });
  });

  it("oldBlock: work on the block before, and on the present one afterwards", async () => {
    await withMiner(async ({ pool, clock, miner, job: first }) => {
      pool.newBlock();
      const present = await miner.next("mining.notify");
      await pool.fault({ name: "oldBlock", blocks: 1 });
      await clock.advance(1);
      equal((await miner.next("mining.notify"))[1], first[1]);
      await pool.clear();
      pool.newJob();
      equal((await miner.next("mining.notify"))[1], present[1]);
    });
  });

  it("emptyBlockFirst: a clean job without branches, then one that has some", async () => {
    await withMiner(
      async ({ pool, clock, miner }) => {
        await pool.fault({ name: "emptyBlockFirst", afterMs: 50 });
        pool.newBlock();
        const empty = await miner.next("mining.notify");
        deepEqual([empty[4], empty[8]], [[], true]);
        await clock.advance(50);
        const full = await miner.next("mining.notify");
        equal((full[4] as unknown[]).length, 3);
        equal((await submit(miner, full, 1)).result, true);
        equal((await submit(miner, empty, 2)).result, true);
      },
      { merkleBranches: 3 },
    );
  });

  for (const [part, look] of [
    ["prevhashShort", (job) => String(job[1]).length === 62],
    ["prevhashNotHex", (job) => String(job[1]).startsWith("z")],
    ["coinbaseNotHex", (job) => String(job[2]).endsWith("xy")],
    ["coinbaseOddHex", (job) => String(job[3]).length % 2 === 1],
    ["branchShort", (job) => String((job[4] as unknown[])[0]).length === 62],
    ["branchesNoList", (job) => job[4] === "00"],
    ["nbitsZero", (job) => job[6] === "00000000"],
    ["nbitsNegative", (job) => job[6] === "04923456"],
    ["nbitsOverflow", (job) => job[6] === "ff123456"],
    ["ntimeText", (job) => job[7] === "noon"],
    ["tooFew", (job) => job.length === 5],
    ["noParams", (job) => job.length === 0],
  ] as const satisfies readonly (readonly [string, (job: readonly unknown[]) => boolean])[])
    it(`unusableJobs: ${part}, once a second`, async () => {
      await withMiner(async ({ pool, clock, miner }) => {
        await pool.fault({ name: "unusableJobs", part });
        await clock.advance(1000);
        ok(look(await miner.next("mining.notify")));
      });
    });
});

describe("faults of the extranonces of a test pool", () => {
  it("extranonce2SizeWrong: the size that is told is refused, the other is taken", async () => {
    await withQuietPool(
      async ({ pool }) => {
        const miner = await RawMiner.open(pool.port);
        equal((miner.lines[1]?.result as unknown[])[2], 3);
        const job = await miner.next("mining.notify");
        const told = submitParams(job, 1, { extranonce2: "000000" });
        equal((await miner.call("mining.submit", told)).result, false);
        equal((await submit(miner, job, 1)).result, true);
      },
      { extranonce2Size: 4 },
      { name: "extranonce2SizeWrong", size: 3 },
    );
  });

  for (const [what, extranonce1] of [
    ["notHex", "no hex!!"],
    ["odd", "0a0b0c0d0"],
    ["number", 7],
    ["null", null],
    ["long", "00".repeat(200)],
  ] as const)
    it(`extranonce1Is: ${what}`, async () => {
      await withQuietPool(
        async ({ pool }) => {
          const miner = await RawMiner.open(pool.port);
          equal((miner.lines[1]?.result as unknown[])[1], extranonce1);
        },
        { firstExtranonce1: "0a0b0c0d" },
        { name: "extranonce1Is", what },
      );
    });

  it("extranonceMoves: without being asked, other sizes, and shares of the new one count", async () => {
    await withMiner(
      async ({ pool, clock, miner, job }) => {
        await pool.fault({ name: "extranonceMoves", everyMs: 3000, size: 2 });
        const [extranonce1, size] = await miner.next("mining.set_extranonce");
        deepEqual([String(extranonce1).length, size], [12, 2]);
        const moved = await miner.next("mining.notify");
        equal(moved[8], true);
        const short = submitParams(moved, 1, { extranonce2: "0000" });
        equal((await miner.call("mining.submit", short)).result, true);
        deepEqual((await submit(miner, job, 1)).error, [21, "Stale", null]);
        await clock.advance(3000);
        notEqual((await miner.next("mining.set_extranonce"))[0], extranonce1);
      },
      { extranonce1Size: 4, extranonce2Size: 4 },
    );
  });
});
