import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clampDifficulty, retarget } from "../../../../src/virtual/pool/vardiff.js";
import { RawMiner } from "./raw-miner.js";
import { submitParams, withPool } from "./rig.js";

const VARDIFF = { sharesPerMinute: 10, retargetIntervalS: 30, min: 1, max: 10_000 };

describe("jobs and difficulty of the test pool over time", () => {
  it("sends new jobs and new blocks at their intervals", async () => {
    await withPool({ jobIntervalS: 30, blockIntervalS: 100 }, async ({ pool, clock }) => {
      const miner = await RawMiner.open(pool.port);
      const sent: unknown[] = [];
      pool.onJobSent(({ atMs, clean }) => sent.push([atMs / 1000, clean]));
      await clock.advance(120_000);
      deepEqual(sent, [
        [30, false],
        [60, false],
        [90, false],
        [100, true],
        [120, false],
      ]);
      const first = await miner.next("mining.notify");
      const second = await miner.next("mining.notify");
      equal(parseInt(String(second[7]), 16) - parseInt(String(first[7]), 16), 30);
    });
  });

  it("finds the difficulty that gives the wanted rate", () => {
    // 20 shares of difficulty 64 in 30 s are four times ten a minute.
    equal(retarget(64, 20 * 64, 30, VARDIFF), 256);
    equal(retarget(64, 80 * 64, 30, VARDIFF), 256);
    equal(retarget(64, 7 * 64, 30, VARDIFF), 64);
    equal(retarget(64, 2 * 64, 30, VARDIFF), 26);
    equal(retarget(64, 0, 30, VARDIFF), 16);
    equal(retarget(2, 0, 30, VARDIFF), 1);
    equal(retarget(9000, 9000 * 20, 30, VARDIFF), 10_000);
    equal(clampDifficulty(0.123456, { min: 0.001, max: 1 }), 0.123);
  });

  it("changes the difficulty of a fast miner together with a new job", async () => {
    await withPool(
      { vardiff: VARDIFF, startDifficulty: 1, jobIntervalS: 0 },
      async ({ pool, clock }) => {
        const fast = await RawMiner.open(pool.port);
        const slow = await RawMiner.open(pool.port);
        const job = await fast.next("mining.notify");
        for (let nonce = 0; nonce < 15; nonce++)
          equal((await fast.call("mining.submit", submitParams(job, nonce))).result, true);
        await clock.advance(30_000);
        deepEqual(await fast.next("mining.set_difficulty"), [3]);
        equal((await fast.next("mining.notify"))[8], false);
        equal((await fast.call("mining.submit", submitParams(job, 99))).result, true);
        equal((await slow.call("mining.authorize", ["w", "x"])).result, true);
        equal(slow.lines.filter((line) => line.method === "mining.notify").length, 1);
        equal(pool.stats().difficulty, 3);
      },
    );
  });

  it("takes a suggested difficulty as its lower limit, and none when it is fixed", async () => {
    await withPool({ vardiff: VARDIFF, jobIntervalS: 0 }, async ({ pool, clock }) => {
      const miner = await RawMiner.open(pool.port);
      await miner.next("mining.notify");
      miner.write('{"id":90,"method":"mining.suggest_difficulty","params":[700]}\n');
      deepEqual(await miner.next("mining.set_difficulty"), [700]);
      await miner.next("mining.notify");
      await clock.advance(60_000);
      equal(pool.stats().difficulty, 700);
      equal(miner.lines.filter((line) => line.id === 90).length, 0);
    });
    await withPool({}, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      miner.write('{"id":90,"method":"mining.suggest_difficulty","params":[700]}\n');
      equal((await miner.call("mining.authorize", ["w", "x"])).result, true);
      equal(pool.stats().difficulty, 1);
    });
  });

  it("estimates the hash rate from the shares after the first", async () => {
    await withPool({ startDifficulty: 1 }, async ({ pool, clock }) => {
      const miner = await RawMiner.open(pool.port);
      const job = await miner.next("mining.notify");
      await clock.advance(20_000);
      equal(pool.stats().hashrateThs, 0);
      for (let nonce = 0; nonce < 4; nonce++) {
        await miner.call("mining.submit", submitParams(job, nonce));
        equal(pool.stats().firstShareAtMs, 20_000);
        await clock.advance(1000);
      }
      ok(Math.abs(pool.stats().hashrateThs - (3 * 2 ** 32) / 4 / 1e12) < 1e-9);
    });
  });

  it("writes down both directions in one array", async () => {
    const transcript: string[] = [];
    await withPool({ transcript }, async ({ pool, clock }) => {
      const miner = new RawMiner(pool.port);
      await miner.call("mining.configure", [["version-rolling"], {}]);
      await clock.advance(1250);
      await miner.call("mining.get_version", []);
    });
    deepEqual(transcript, [
      '0.000000 > {"id":1,"method":"mining.configure","params":[["version-rolling"],{}]}',
      '0.000000 < {"result":{"version-rolling":true,"version-rolling.mask":"1fffe000"},"error":null,"id":1}',
      '1.250000 > {"id":2,"method":"mining.get_version","params":[]}',
      '1.250000 < {"result":false,"error":[20,"Unknown method",null],"id":2}',
    ]);
  });

  it("writes down every connection in a file of its own", async () => {
    const folder = await mkdtemp(join(tmpdir(), "test-pool-"));
    try {
      const transcript = join(folder, "pool.txt");
      await withPool({ transcript }, async ({ pool }) => {
        for (const worker of ["one", "two"]) await RawMiner.open(pool.port, { worker });
      });
      for (const [path, worker] of [
        [transcript, "one"],
        [`${transcript}.2`, "two"],
      ] as const) {
        const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
        equal(lines.length, 8);
        equal(lines.filter((line) => line.includes(`["${worker}","x"]`)).length, 1);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
