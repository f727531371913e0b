import { deepEqual, equal, ok } from "node:assert/strict";
import { POOL_FAULTS } from "../../../../../src/virtual/pool/faults/pool-faults.js";
import { RawMiner, type PoolLine } from "../raw-miner.js";
import { becomes, submit, submitLine, withMiner, withQuietPool } from "./fault-rig.js";
import { OPENING, PlainClient } from "./plain-client.js";

/** The answers to `count` shares, in the order in which they came. */
async function answersTo(miner: RawMiner, job: readonly unknown[], count: number) {
  const start = miner.lines.length;
  for (let nonce = 0; nonce < count; nonce++) miner.write(submitLine(job, nonce, 100 + nonce));
  await becomes(() => miner.lines.length >= start + count);
  return miner.lines.slice(start);
}

const without = (line: PoolLine): object =>
  Object.fromEntries(Object.entries(line).filter(([name]) => name !== "id"));

describe("faults of the answers of a test pool", () => {
  it("rejectsAll: after so many, for the reason that is given", async () => {
    await withMiner(async ({ pool, clock, miner, job }) => {
      await pool.fault({ name: "rejectsAll", reason: "unauthorized", afterShares: 1 });
      await clock.advance(10);
      equal((await submit(miner, job, 1)).result, true);
      equal(pool.faults()[0]?.bitesSinceMs, undefined);
      deepEqual((await submit(miner, job, 2)).error, [24, "Unauthorized worker", null]);
      equal(pool.faults()[0]?.bitesSinceMs, 10);
      deepEqual([pool.stats().accepted, pool.stats().rejected], [1, 1]);
    });
  });

  it("creditsHalf: the other half is refused, or neither answered nor booked", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "creditsHalf" });
      const told = (await answersTo(miner, job, 4)).map(({ result }) => result);
      deepEqual(told, [false, true, false, true]);
      await pool.fault({ name: "creditsHalf", rest: "unanswered" });
      miner.write(submitLine(job, 10, 200));
      equal((await submit(miner, job, 11)).result, true);
      ok(!miner.lines.some(({ id }) => id === 200));
      deepEqual([pool.stats().accepted, pool.stats().rejected], [3, 2]);
    });
  });

  it("answersLost: every so-manieth", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "answersLost", every: 3 });
      for (const nonce of [0, 1, 2, 3]) miner.write(submitLine(job, nonce, 100 + nonce));
      await miner.answer(103);
      deepEqual(
        miner.lines.flatMap(({ id }) => (id !== null && id >= 100 ? id : [])),
        [100, 101, 103],
      );
      equal(pool.stats().accepted, 4);
    });
  });

  it("answersLate and answersShuffled: later, and in another order", async () => {
    await withMiner(async ({ pool, clock, miner, job }) => {
      await pool.fault({ name: "answersLate", ms: 2000 });
      miner.write(submitLine(job, 1, 50));
      await becomes(() => pool.stats().accepted === 1);
      await clock.advance(1999);
      equal((await miner.call("mining.extranonce.subscribe", [])).result, true);
      ok(!miner.lines.some(({ id }) => id === 50));
      await clock.advance(1);
      equal((await miner.answer(50)).result, true);
      await pool.clear();
      await pool.fault({ name: "answersShuffled", ms: 1000 });
      for (const nonce of [2, 3, 4]) miner.write(submitLine(job, nonce, 100 + nonce));
      await becomes(() => pool.stats().accepted === 4);
      await clock.advance(1000);
      await miner.answer(102);
      deepEqual(
        miner.lines.slice(-3).map(({ id }) => id),
        [104, 103, 102],
      );
    });
  });

  it("answersDoubled and answersToNobody: more than was asked for", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "answersDoubled" });
      await submit(miner, job, 1);
      await miner.call("mining.extranonce.subscribe", []);
      const ids = miner.lines.flatMap(({ id }) => id ?? []);
      deepEqual(ids.slice(3, 6), [4, 4, 5]);
      await pool.clear();
      await pool.fault({ name: "answersToNobody" });
      await submit(miner, job, 5);
      await miner.answer(987_654_321);
    });
  });

  for (const [name, refusal] of [
    ["errorAsText", { result: false, error: "Job not found" }],
    ["resultMissing", { error: [21, "Job not found", null] }],
    ["rejectReason", { "reject-reason": "Stale", result: false, error: null }],
  ] as const)
    it(`${name}: every fifth share`, async () => {
      await withMiner(async ({ pool, miner, job }) => {
        await pool.fault({ name });
        const answers = (await answersTo(miner, job, 5)).map(without);
        const good = { result: true, error: null };
        deepEqual(answers, [good, good, good, good, refusal]);
        equal(pool.stats().stale, 1);
      });
    });

  it("errorMissing: good answers without error, with false, with an empty list", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "errorMissing" });
      deepEqual((await answersTo(miner, job, 3)).map(without), [
        { result: true },
        { result: true, error: false },
        { result: true, error: [] },
      ]);
    });
  });

  it("idsAsText: the same number as text", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "idsAsText" });
      const [answer] = await answersTo(miner, job, 1);
      equal(answer?.id, "100");
    });
  });
});

describe("faults of the opening at a test pool", () => {
  it("authorizeRefused: new sessions only", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "authorizeRefused" });
      const second = await RawMiner.open(pool.port);
      deepEqual(second.lines.find(({ id }) => id === 3)?.error, [24, "Unauthorized worker", null]);
      equal((await submit(miner, job, 1)).result, true);
    });
  });

  it("authorizeRevoked: also those that were authorized", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "authorizeRevoked" });
      deepEqual((await submit(miner, job, 1)).error, [24, "Unauthorized worker", null]);
      equal((await miner.call("mining.authorize", ["w", "x"])).result, false);
      await pool.clear();
      equal((await miner.call("mining.authorize", ["w", "x"])).result, true);
      equal((await submit(miner, job, 1)).result, true);
    });
  });

  for (const [method, id] of [
    ["mining.configure", 1],
    ["mining.subscribe", 2],
    ["mining.authorize", 3],
  ] as const) {
    it(`answerLate, answerMissing, answerIsError: ${method}`, async () => {
      await withQuietPool(async ({ pool, clock }) => {
        const idsOf = (client: PlainClient): unknown[] =>
          client.lines.flatMap((line) => line.id ?? []);
        const others = [1, 2, 3].filter((each) => each !== id);
        for (const name of ["answerLate", "answerMissing"]) {
          await pool.fault({ name, method });
          const client = PlainClient.open(pool.port);
          await client.until((each) => others.every((other) => idsOf(each).includes(other)));
          deepEqual(idsOf(client), others);
          await clock.advance(3000);
          if (name === "answerLate") await client.until((each) => idsOf(each).at(-1) === id);
          await pool.clear();
        }
        await pool.fault({ name: "answerIsError", method });
        const client = PlainClient.open(pool.port);
        await client.until((each) => idsOf(each).includes(id));
        const answer = client.lines.find((line) => line.id === id);
        deepEqual([answer?.result, answer?.error], [null, [20, "Not supported.", null]]);
      });
    });
  }

  it("subscribeAfterNotify: the job is there first", async () => {
    await withQuietPool(
      async ({ pool }) => {
        const client = PlainClient.open(pool.port);
        await client.untilText('"id":3');
        deepEqual(
          client.lines.map(({ id, method }) => method ?? id),
          [1, "mining.set_difficulty", "mining.notify", 2, 3],
        );
      },
      {},
      { name: "subscribeAfterNotify" },
    );
  });

  it("configureCloses: not a word, and a session without it is a good one", async () => {
    await withQuietPool(
      async ({ pool }) => {
        const client = PlainClient.open(pool.port);
        await client.over;
        equal(client.text, "");
        const miner = await RawMiner.open(pool.port, { rolls: false });
        await miner.next("mining.notify");
      },
      {},
      { name: "configureCloses" },
    );
  });

  it("unknownCloses: at suggest_difficulty, say", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "unknownCloses" });
      equal((await submit(miner, job, 1)).result, true);
      miner.write('{"id":9,"method":"mining.suggest_difficulty","params":[1]}\n');
      await miner.closed;
    });
  });

  it("resume: honoured with the same extranonce1 and jobs, ignored, or refused", async () => {
    const opening = (sessionId: unknown): string =>
      OPENING.replace('["plain/1"]', JSON.stringify(["plain/1", sessionId]));
    for (const resume of ["honoured", "ignored", "refused"] as const)
      await withMiner(
        async ({ pool, miner, job }) => {
          const [[[, sessionId]], extranonce1] = miner.lines[1]?.result as [
            [[string, string]],
            string,
          ];
          pool.dropConnections();
          const client = new PlainClient(pool.port);
          client.write(opening(sessionId));
          await client.untilText('"id":3');
          const answer = client.lines.find(({ id }) => id === 2);
          if (resume === "refused") deepEqual(answer?.error, [20, "Unknown session", null]);
          else equal((answer?.result as unknown[])[1] === extranonce1, resume === "honoured");
          client.write(submitLine(job, 1, 50));
          await client.untilText('"id":50');
          const expected = {
            honoured: "true",
            ignored: "Invalid JobID",
            refused: "Not subscribed",
          };
          const told = client.lines.find(({ id }) => id === 50);
          ok(JSON.stringify(told).includes(expected[resume]));
        },
        { resume },
      );
  });
});

describe("the table of pool faults", () => {
  it("says of each what it is, and of each parameter", () => {
    for (const [name, { meaning, parameters }] of Object.entries(POOL_FAULTS)) {
      ok(/^[a-z][A-Za-z0-9]*$/.test(name));
      ok(meaning.endsWith(".") && !meaning.includes("\n"), name);
      for (const parameter of Object.values(parameters)) ok(parameter.meaning.endsWith("."), name);
    }
    ok(Object.keys(POOL_FAULTS).length >= 60);
  });
});
