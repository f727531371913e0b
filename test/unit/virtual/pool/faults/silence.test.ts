import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { RawMiner } from "../raw-miner.js";
import { becomes, submit, submitLine, withMiner, withQuietPool } from "./fault-rig.js";
import { PlainClient } from "./plain-client.js";

describe("faults of a silent test pool", () => {
  it("silent: takes and books everything and says nothing, until it is cleared", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "silent" });
      const said = miner.lines.length;
      miner.write(submitLine(job, 1, 50));
      await becomes(() => pool.stats().accepted === 1);
      pool.newBlock();
      await pool.clear("silent");
      equal((await submit(miner, job, 2)).result, false);
      equal(miner.lines.length, said + 1);
    });
  });

  it("silent from the start: the connection is there and nothing comes", async () => {
    await withQuietPool(
      async ({ pool }) => {
        const client = PlainClient.open(pool.port);
        await becomes(() => pool.stats().jobsSent === 1);
        await pool.clear();
        pool.newJob();
        await client.untilText("mining.notify");
        ok(client.text.startsWith('{"params":'));
      },
      {},
      { name: "silent" },
    );
  });

  it("silent after shares: answers so many, and bites from the last of them", async () => {
    await withMiner(async ({ pool, clock, miner, job }) => {
      await pool.fault({ name: "silent", afterShares: 2 });
      await clock.advance(700);
      equal((await submit(miner, job, 1)).result, true);
      equal(pool.faults()[0]?.bitesSinceMs, undefined);
      equal((await submit(miner, job, 2)).result, true);
      equal(pool.faults()[0]?.bitesSinceMs, 700);
      miner.write(submitLine(job, 3, 50));
      await becomes(() => pool.stats().accepted === 3);
      await pool.clear();
      await submit(miner, job, 4);
      ok(!miner.lines.some(({ id }) => id === 50));
    });
  });

  it("submitsUnanswered: everything but shares is answered, jobs come", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "submitsUnanswered" });
      miner.write(submitLine(job, 1, 50));
      equal((await miner.call("mining.extranonce.subscribe", [])).result, true);
      pool.newJob();
      await miner.next("mining.notify");
      equal(pool.stats().accepted, 1);
      ok(!miner.lines.some(({ id }) => id === 50));
    });
  });

  it("jobsStop: shares are answered, jobs do not come", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "jobsStop" });
      pool.newJob();
      pool.setDifficulty(0.5);
      equal((await submit(miner, job, 1)).result, true);
      equal(miner.lines.filter(({ method }) => method === "mining.notify").length, 1);
    });
  });

  it("halfOpen: reads and writes nothing on old and new connections, and resets them at last", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "halfOpen" });
      const said = miner.lines.length;
      miner.write(submitLine(job, 1, 50));
      pool.newJob();
      const client = PlainClient.open(pool.port);
      await becomes(() => pool.stats().connections === 2);
      equal(pool.stats().accepted, 0);
      await pool.clear();
      await client.over;
      await miner.closed;
      deepEqual([client.bytes.length, miner.lines.length], [0, said]);
    });
  });

  it("notReading: jobs go on, shares are not read, and it ends with a reset", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "notReading" });
      miner.write(submitLine(job, 1, 50));
      pool.newJob();
      await miner.next("mining.notify");
      await pool.clear();
      await miner.closed;
      equal(pool.stats().accepted, 0);
    });
  });

  it("are refused by unknown names and wrong parameters, and change nothing then", async () => {
    await withQuietPool(async ({ pool }) => {
      for (const [request, code] of [
        [{ name: "silnt" }, "VIRTUAL_FAULT_UNKNOWN"],
        [{ name: "toString" }, "VIRTUAL_FAULT_UNKNOWN"],
        [{ name: "silent", after: 3 }, "VIRTUAL_REQUEST_INVALID"],
        [{ name: "silent", afterShares: -1 }, "VIRTUAL_REQUEST_INVALID"],
        [{ name: "silent", afterShares: "3" }, "VIRTUAL_REQUEST_INVALID"],
        [{ name: "reconnectTo", host: "" }, "VIRTUAL_REQUEST_INVALID"],
        [{ name: "badDifficulty" }, "VIRTUAL_REQUEST_INVALID"],
      ] as const)
        await rejects(pool.fault(request), { code });
      await rejects(pool.clear("silnt"), { code: "VIRTUAL_FAULT_UNKNOWN" });
      deepEqual(pool.faults(), []);
    });
  });

  it("stand side by side, each once, and end one by one", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "idsAsText" });
      await pool.fault({ name: "answersLate", ms: 100 });
      await pool.fault({ name: "answersLate", ms: 200 });
      deepEqual(
        pool.faults().map(({ name, parameters }) => [name, parameters]),
        [
          ["idsAsText", {}],
          ["answersLate", { ms: 200 }],
        ],
      );
      await pool.clear("answersLate");
      miner.write(submitLine(job, 1, 50));
      await becomes(() => miner.lines.some(({ id }) => String(id) === "50"));
      await pool.clear();
      equal((await submit(miner, job, 2)).id, 4);
      const other = await RawMiner.open(pool.port);
      other.close();
    });
  });
});
