import { deepEqual, equal, ok } from "node:assert/strict";
import type { ShareEvent } from "../../../../src/virtual/pool/pool-events.js";
import { RawMiner } from "./raw-miner.js";
import { OUT_OF_REACH, submitParams, withPool } from "./rig.js";

describe("shares at the test pool", () => {
  it("counts a header once, whatever capitals it is written with", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      const job = await miner.next("mining.notify");
      const params = submitParams(job, 0xabcdef);
      equal((await miner.call("mining.submit", params)).result, true);
      const capitals = params.map((param, at) => (at === 4 ? "00ABCDEF" : param));
      for (const again of [params, capitals])
        deepEqual((await miner.call("mining.submit", again)).error, [22, "Duplicate", null]);
      const { accepted, duplicates, rejected } = pool.stats();
      deepEqual([accepted, duplicates, rejected], [1, 2, 2]);
    });
  });

  it("keeps older jobs good until a new block makes them stale", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      const first = await miner.next("mining.notify");
      pool.newJob();
      const second = await miner.next("mining.notify");
      equal(second[8], false);
      equal(second[1], first[1]);
      equal((await miner.call("mining.submit", submitParams(first, 1))).result, true);
      pool.newBlock();
      const third = await miner.next("mining.notify");
      equal(third[8], true);
      for (const old of [first, second]) {
        const answer = await miner.call("mining.submit", submitParams(old, 2));
        deepEqual(answer.error, [21, "Stale", null]);
      }
      equal((await miner.call("mining.submit", submitParams(third, 2))).result, true);
      const { accepted, rejected, stale, rejectedByReason } = pool.stats();
      deepEqual([accepted, rejected, stale, rejectedByReason.stale], [2, 0, 2, 2]);
    });
  });

  it("takes no share of a job that is older than ten minutes", async () => {
    await withPool({ jobIntervalS: 0, blockIntervalS: 0 }, async ({ pool, clock }) => {
      const miner = await RawMiner.open(pool.port);
      const job = await miner.next("mining.notify");
      await clock.advance(600_000);
      equal((await miner.call("mining.submit", submitParams(job, 1))).result, true);
      await clock.advance(1);
      equal((await miner.call("mining.submit", submitParams(job, 2))).result, false);
      equal(pool.stats().stale, 1);
    });
  });

  it("does not know the jobs of other connections", async () => {
    await withPool({}, async ({ pool }) => {
      const first = await RawMiner.open(pool.port);
      const second = await RawMiner.open(pool.port);
      const job = await first.next("mining.notify");
      const answer = await second.call("mining.submit", submitParams(job, 1));
      deepEqual(answer.error, [21, "Invalid JobID", null]);
      const asNumber = [...submitParams(job, 1)].map((param, at) => (at === 1 ? 7 : param));
      equal((await first.call("mining.submit", asNumber)).result, false);
      equal(pool.stats().rejectedByReason["unknown-job"], 2);
    });
  });

  it("tells two miners' shares of one job apart and counts them by worker", async () => {
    await withPool({ startDifficulty: 1 }, async ({ pool }) => {
      const first = await RawMiner.open(pool.port, { worker: "farm.1" });
      const second = await RawMiner.open(pool.port, { worker: "farm.2" });
      pool.newBlock();
      const jobs = [];
      for (const miner of [first, second]) {
        await miner.next("mining.notify");
        jobs.push(await miner.next("mining.notify"));
      }
      const [job = []] = jobs;
      deepEqual(jobs[1], job);
      const one = submitParams(job, 1, { worker: "farm.1" });
      equal((await first.call("mining.submit", one)).result, true);
      const two = submitParams(job, 1, { worker: "farm.2" });
      equal((await second.call("mining.submit", two)).result, true);
      deepEqual((await second.call("mining.submit", one)).error, [24, "Worker mismatch", null]);
      const account = { accepted: 1, rejected: 0, stale: 0, acceptedDifficulty: 1 };
      deepEqual(pool.stats().workers, { "farm.1": account, "farm.2": account });
      equal(pool.stats().rejectedByReason["worker-mismatch"], 1);
    });
  });

  it("names what is wrong with a share", async () => {
    await withPool({}, async ({ pool, clock }) => {
      const miner = await RawMiner.open(pool.port);
      const job = await miner.next("mining.notify");
      const good = submitParams(job, 1);
      const withParam = (at: number, value: unknown): readonly unknown[] =>
        good.map((param, index) => (index === at ? value : param));
      const nowS = Math.floor(clock.unixMs() / 1000);
      const cases: readonly (readonly [ShareEvent["result"], readonly unknown[]])[] = [
        ["malformed", []],
        ["malformed", good.slice(0, 4)],
        ["malformed", [...good, "00000000"]],
        ["malformed", withParam(0, 1)],
        ["malformed", withParam(2, "0g000000")],
        ["malformed", withParam(2, null)],
        ["malformed", withParam(3, "1234567")],
        ["malformed", withParam(4, "zzzzzzzz")],
        ["malformed", withParam(4, "000000001")],
        ["malformed", withParam(5, "0x000000")],
        ["worker-mismatch", withParam(0, "W")],
        ["unknown-job", withParam(1, "deadbeef")],
        ["extranonce2-size", withParam(2, "000000")],
        ["extranonce2-size", withParam(2, "0000000000")],
        ["extranonce2-size", withParam(2, "")],
        ["ntime", withParam(3, (nowS - 1).toString(16))],
        ["ntime", withParam(3, (nowS + 7001).toString(16))],
        ["version", withParam(5, "20000000")],
        ["version", withParam(5, "00001000")],
        ["version", good.slice(0, 5)],
        ["accepted", withParam(3, (nowS + 7000).toString(16))],
        ["accepted", withParam(5, "1fffe000")],
        ["accepted", good],
      ];
      const results: ShareEvent["result"][] = [];
      const stopListening = pool.onShare(({ result }) => results.push(result));
      for (const [expected, params] of cases) {
        const answer = await miner.call("mining.submit", params);
        equal(answer.result, expected === "accepted", JSON.stringify(params));
      }
      deepEqual(
        results,
        cases.map(([expected]) => expected),
      );
      stopListening();
      await miner.call("mining.submit", good);
      equal(results.length, cases.length);
    });
  });

  it("wants no version bits from a miner that did not configure them", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port, { rolls: false });
      const params = submitParams(await miner.next("mining.notify"), 1);
      deepEqual((await miner.call("mining.submit", params)).error, [
        20,
        "Invalid version mask",
        null,
      ]);
      equal((await miner.call("mining.submit", params.slice(0, 5))).result, true);
    });
  });

  it("reports jobs, submits and shares with their times", async () => {
    await withPool({ startDifficulty: 2 }, async ({ pool, clock }) => {
      const miner = await RawMiner.open(pool.port);
      await miner.next("mining.notify");
      const seen: unknown[] = [];
      pool.onJobSent((event) => seen.push({ sent: event }));
      pool.onSubmitLine(({ atMs, line }) =>
        seen.push({ atMs, id: (JSON.parse(line) as { id: number }).id }),
      );
      pool.onShare(({ header, shareDifficulty, ...event }) => {
        equal(header?.length, 80);
        ok(shareDifficulty !== undefined && shareDifficulty >= 1);
        const isMet = shareDifficulty >= 2;
        equal(event.result, isMet ? "accepted" : "low-difficulty");
        seen.push({ ...event, result: "judged" });
      });
      await clock.advance(1500);
      pool.newBlock();
      const job = await miner.next("mining.notify");
      await clock.advance(250);
      await miner.call("mining.submit", submitParams(job, 1));
      deepEqual(seen, [
        { sent: { atMs: 1500, connection: 1, jobId: job[0], clean: true, difficulty: 2 } },
        { atMs: 1750, id: 4 },
        {
          atMs: 1750,
          connection: 1,
          worker: "w",
          jobId: job[0],
          difficulty: 2,
          result: "judged",
        },
      ]);
      equal(pool.stats().lastJobSentAtMs, 1500);
    });
  });

  it("judges every job by the difficulty it was sent with", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      const easy = await miner.next("mining.notify");
      pool.setDifficulty(OUT_OF_REACH);
      deepEqual(await miner.next("mining.set_difficulty"), [OUT_OF_REACH]);
      const hard = await miner.next("mining.notify");
      equal(hard[8], false);
      equal((await miner.call("mining.submit", submitParams(easy, 1))).result, true);
      equal((await miner.call("mining.submit", submitParams(hard, 1))).result, false);
      pool.setDifficulty(1);
      await miner.next("mining.notify");
      equal((await miner.call("mining.submit", submitParams(hard, 2))).result, false);
      equal(pool.stats().acceptedDifficulty, 1);
    });
  });

  it("announces another block when a share meets the network target", async () => {
    await withPool({ nbits: 0x2100ffff, followUpJobMs: 20 }, async ({ pool, clock }) => {
      const miner = await RawMiner.open(pool.port);
      const job = await miner.next("mining.notify");
      await miner.call("mining.submit", submitParams(job, 1));
      const next = await miner.next("mining.notify");
      ok(next[1] !== job[1]);
      equal(next[8], true);
      await clock.advance(20);
      const followUp = await miner.next("mining.notify");
      deepEqual([followUp[1], followUp[8]], [next[1], false]);
      equal(pool.stats().blocksFound, 1);
    });
  });
});
