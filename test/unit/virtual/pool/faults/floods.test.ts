import { deepEqual, equal, ok } from "node:assert/strict";
import { RawMiner } from "../raw-miner.js";
import { submit, withMiner, withQuietPool } from "./fault-rig.js";
import { PlainClient } from "./plain-client.js";

const jobsOf = (miner: RawMiner): (readonly unknown[])[] =>
  miner.lines.filter(({ method }) => method === "mining.notify").map(({ params = [] }) => params);

describe("faults of a test pool that says too much", () => {
  for (const clean of ["yes", "no"] as const)
    it(`notifyStorm: so many jobs a second, clean: ${clean}`, async () => {
      await withMiner(async ({ pool, clock, miner }) => {
        await pool.fault({ name: "notifyStorm", perS: 50, clean });
        await clock.advance(1000);
        for (let job = 0; job < 50; job++) await miner.next("mining.notify");
        const storm = jobsOf(miner).slice(1);
        equal(storm.length, 50);
        ok(storm.every((params) => params[8] === (clean === "yes")));
        equal((await submit(miner, storm.at(-1) ?? [], 1)).result, true);
      });
    });

  it("staleNotifyFlood: jobs of the block before between good ones, and the newest is good", async () => {
    await withMiner(async ({ pool, clock, miner }) => {
      await pool.fault({ name: "staleNotifyFlood", perS: 10 });
      await clock.advance(1000);
      for (let job = 0; job < 21; job++) await miner.next("mining.notify");
      const [first, clean, ...flood] = jobsOf(miner);
      equal(clean?.[8], true);
      deepEqual(
        flood.map((params) => params[1] === first?.[1]),
        Array.from({ length: 20 }, (_, index) => index % 2 === 0),
      );
      equal((await submit(miner, flood.at(-1) ?? [], 1)).result, true);
      deepEqual((await submit(miner, flood.at(-2) ?? [], 1)).error, [21, "Stale", null]);
    });
  });

  it("difficultyStorm: the last difficulty before a job is the right one", async () => {
    await withMiner(
      async ({ pool, clock, miner }) => {
        await pool.fault({ name: "difficultyStorm", perS: 20 });
        await clock.advance(1000);
        pool.newJob();
        await miner.next("mining.notify");
        const set = miner.lines.filter(({ method }) => method === "mining.set_difficulty");
        equal(set.length, 1 + 20 + 1);
        deepEqual(set.at(-1)?.params, [2]);
        ok(set.some(({ params }) => params?.[0] !== 2));
      },
      { startDifficulty: 2 },
    );
  });

  it("messageFlood and questionFlood: so many a second", async () => {
    await withMiner(async ({ pool, clock, miner }) => {
      await pool.fault({ name: "messageFlood", perS: 100 });
      await pool.fault({ name: "questionFlood", perS: 10 });
      await clock.advance(1000);
      for (let count = 0; count < 100; count++) await miner.next("client.show_message");
      await pool.clear();
      await miner.call("mining.extranonce.subscribe", []);
      const asked = miner.lines.filter(({ method, id }) => method !== undefined && id !== null);
      equal(asked.length, 30);
      equal(new Set(asked.map(({ id }) => id)).size, 30);
    });
  });

  it("reconnectStorm: at once and again and again", async () => {
    await withMiner(async ({ pool, clock, miner }) => {
      await pool.fault({ name: "reconnectStorm", everyMs: 1000 });
      deepEqual(await miner.next("client.reconnect"), []);
      await clock.advance(1000);
      deepEqual(await miner.next("client.reconnect"), []);
    });
  });

  it("reconnectTo: each is told once, or only those that are there", async () => {
    for (const whom of ["each", "now"]) {
      await withMiner(async ({ pool, clock, miner }) => {
        await pool.fault({ name: "reconnectTo", host: "evil.example", port: 3333, whom });
        deepEqual(await miner.next("client.reconnect"), ["evil.example", 3333, 0]);
        const second = await RawMiner.open(pool.port);
        await clock.advance(1000);
        for (const each of [miner, second]) await each.call("mining.extranonce.subscribe", []);
        const told = [miner, second].map(
          ({ lines }) => lines.filter(({ method }) => method === "client.reconnect").length,
        );
        deepEqual(told, [1, whom === "each" ? 1 : 0]);
      });
    }
  });
});

describe("faults of the difficulty of a test pool", () => {
  for (const [value, text] of [
    ["zero", "[0]"],
    ["negative", "[-1024]"],
    ["nan", '["NaN"]'],
    ["bareNan", "[NaN]"],
    ["huge", "[1e300]"],
    ["infinite", "[1e400]"],
    ["tiny", "[1e-320]"],
    ["text", '["difficult"]'],
    ["null", "[null]"],
    ["object", '[{"difficulty":1}]'],
    ["list", "[[]]"],
    ["missing", "[]"],
  ] as const)
    it(`badDifficulty: ${value} after the good one, which holds`, async () => {
      await withQuietPool(
        async ({ pool }) => {
          const client = PlainClient.open(pool.port);
          await client.untilText(`"mining.set_difficulty","params":${text}`);
          await client.untilText('"id":3');
          ok(client.text.indexOf('{"params":[1]') < client.text.indexOf(`params":${text}`));
          equal(pool.stats().difficulty, 1);
        },
        {},
        { name: "badDifficulty", value },
      );
    });

  it("difficultyFlip: no job comes, and the running one keeps its difficulty", async () => {
    await withMiner(async ({ pool, clock, miner, job }) => {
      await pool.fault({ name: "difficultyFlip", factor: 1e6, everyMs: 1000 });
      await clock.advance(1000);
      deepEqual(await miner.next("mining.set_difficulty"), [1e6]);
      equal((await submit(miner, job, 1)).result, true);
      equal(jobsOf(miner).length, 1);
      pool.newJob();
      const hard = await miner.next("mining.notify");
      await clock.advance(1000);
      deepEqual(await miner.next("mining.set_difficulty"), [1]);
      equal((await submit(miner, hard, 2)).result, false);
    });
  });

  it("difficultyIs: a new job has it, and the old one comes back", async () => {
    await withMiner(async ({ pool, miner }) => {
      await pool.fault({ name: "difficultyIs", value: 64 });
      deepEqual(await miner.next("mining.set_difficulty"), [64]);
      await miner.next("mining.notify");
      await pool.clear();
      deepEqual(await miner.next("mining.set_difficulty"), [1]);
    });
  });

  it("difficultyAsText and difficultyAsTarget: another way to say the same", async () => {
    await withMiner(
      async ({ pool, clock, miner }) => {
        await pool.fault({ name: "difficultyAsText" });
        await clock.advance(1);
        deepEqual(await miner.next("mining.set_difficulty"), ["4"]);
        await pool.clear();
        await pool.fault({ name: "difficultyAsTarget" });
        await clock.advance(1);
        deepEqual(await miner.next("mining.set_target"), [`1f${"f".repeat(62)}`]);
      },
      { startDifficulty: 2 },
    );
  });

  it("versionBits: in the base version, and shares without them are other headers", async () => {
    await withMiner(async ({ pool, clock, miner }) => {
      await pool.fault({ name: "versionBits", bits: 0x0c00e000 });
      await clock.advance(1);
      const job = await miner.next("mining.notify");
      equal(job[5], "2c00e000");
      equal((await submit(miner, job, 1)).result, true);
    });
  });

  it("maskNarrows: told, and wider bits are refused from then on", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      const bits = (nonce: number, mask: string): readonly unknown[] => [
        ...["w", job[0], "00000000", job[7]],
        nonce.toString(16).padStart(8, "0"),
        mask,
      ];
      equal((await miner.call("mining.submit", bits(1, "10000000"))).result, true);
      await pool.fault({ name: "maskNarrows", mask: 0xe000 });
      deepEqual(await miner.next("mining.set_version_mask"), ["0000e000"]);
      equal((await miner.call("mining.submit", bits(2, "10000000"))).result, false);
      equal((await miner.call("mining.submit", bits(3, "00002000"))).result, true);
    });
  });

  it("maskAfterConfigure: right behind the answer", async () => {
    await withQuietPool(
      async ({ pool }) => {
        const miner = await RawMiner.open(pool.port);
        deepEqual(
          miner.lines.slice(0, 2).map(({ id, method }) => method ?? id),
          [1, "mining.set_version_mask"],
        );
      },
      {},
      { name: "maskAfterConfigure", mask: 0xffe000 },
    );
  });

  for (const [how, result] of [
    ["false", { "version-rolling": false }],
    ["text", { "version-rolling": "not today" }],
    ["missing", {}],
  ] as const)
    it(`noVersionRolling: refused by ${how}, and shares have five parameters`, async () => {
      await withQuietPool(
        async ({ pool }) => {
          const miner = await RawMiner.open(pool.port);
          deepEqual(miner.lines[0]?.result, result);
          const job = await miner.next("mining.notify");
          equal((await submit(miner, job, 1)).result, false);
          const five = ["w", job[0], "00000000", job[7], "00000001"];
          equal((await miner.call("mining.submit", five)).result, true);
        },
        {},
        { name: "noVersionRolling", how },
      );
    });
});
