import { deepEqual, equal, ok } from "node:assert/strict";
import type { FaultRequest } from "../../../../../src/virtual/pool/faults/fault-set.js";
import { submit, withMiner, withQuietPool } from "./fault-rig.js";
import { PlainClient } from "./plain-client.js";

/** What a client got from a pool with a fault that sends things in between, up to `text`. */
async function received(fault: FaultRequest, text: string): Promise<PlainClient> {
  let client: PlainClient | undefined;
  await withQuietPool(async ({ pool, clock }) => {
    client = PlainClient.open(pool.port);
    await client.untilText('"id":3');
    await pool.fault(fault);
    await clock.advance(1000);
    pool.newJob();
    await client.until((each) => each.bytes.includes(text));
    await client.until((each) => each.notifications("mining.notify").length === 2);
  });
  ok(client !== undefined);
  return client;
}

describe("faults of the bytes of a test pool", () => {
  it("dripFeed: everything comes, in small pieces, as time goes on", async () => {
    await withMiner(async ({ pool, clock }) => {
      await pool.fault({ name: "dripFeed", bytes: 7, everyMs: 10 });
      const client = PlainClient.open(pool.port);
      for (let ticks = 1; !client.text.includes("mining.notify"); ticks++) {
        await clock.advance(10);
        ok(client.bytes.length <= 7 * ticks);
      }
      equal(client.lines[0]?.id, 1);
    });
  });

  it("bursts: nothing comes, then all but the end of it", async () => {
    await withMiner(async ({ pool, clock, miner }) => {
      await pool.fault({ name: "bursts", everyMs: 500 });
      pool.newJob();
      pool.newJob();
      await clock.advance(500);
      await miner.next("mining.notify");
      const notified = (): number =>
        miner.lines.filter(({ method }) => method === "mining.notify").length;
      equal(notified(), 2);
      await clock.advance(500);
      await miner.next("mining.notify");
      equal(notified(), 3);
    });
  });

  it("crlf: lines end with CR LF among blank ones", async () => {
    await withQuietPool(
      async ({ pool }) => {
        const client = PlainClient.open(pool.port);
        await client.untilText('"id":3}\r\n\n');
        ok(client.text.startsWith("\r\n  {"));
      },
      {},
      { name: "crlf" },
    );
  });

  it("garbage: a line that is no JSON stands between good ones", async () => {
    const { text } = await received({ name: "garbage" }, "garbage");
    const bad = text.split("\n").filter((line) => line.includes("garbage"));
    equal(bad.length, 2);
  });

  it("invalidUtf8: a message whose bytes are no UTF-8", async () => {
    const { bytes } = await received({ name: "invalidUtf8" }, "show_message");
    ok(bytes.includes(Buffer.from([0xff, 0xfe])));
  });

  it("longLine: one line of so many bytes", async () => {
    const { text } = await received({ name: "longLine", bytes: 3_000_000 }, "show_message");
    ok(text.split("\n").some((line) => line.length > 3_000_000));
  });

  it("endlessLine: bytes without an end, and nothing else", async () => {
    await withMiner(async ({ pool, clock }) => {
      await pool.fault({ name: "endlessLine" });
      const client = PlainClient.open(pool.port);
      while (client.bytes.length < 1_100_000) await clock.advance(100);
      ok(!client.text.includes("\n"));
    });
  });

  it("deepNesting: JSON that is deeper than a stack", async () => {
    const { text } = await received({ name: "deepNesting" }, "[[[[[[[[");
    ok(text.split("\n").some((line) => line.includes("[".repeat(100_000))));
  });

  it("oddJson: lines that parse and mean nothing", async () => {
    const { lines } = await received({ name: "oddJson" }, "mining.no_such");
    ok(lines.some(({ method }) => typeof method === "number"));
  });

  it("httpPage: a page in place of an answer, and the end", async () => {
    await withQuietPool(
      async ({ pool }) => {
        const client = PlainClient.open(pool.port);
        await client.over;
        ok(client.text.startsWith("HTTP/1.1 400"));
        deepEqual(client.notifications("mining.notify"), []);
      },
      {},
      { name: "httpPage" },
    );
  });

  it("httpPage: those that are there get it too", async () => {
    await withQuietPool(async ({ pool }) => {
      const client = PlainClient.open(pool.port);
      await client.untilText('"id":3');
      await pool.fault({ name: "httpPage" });
      await client.over;
      ok(client.text.includes("HTTP/1.1"));
    });
  });

  it("leave the pool as it was when they are cleared", async () => {
    await withMiner(async ({ pool, clock, miner, job }) => {
      for (const name of ["dripFeed", "bursts", "crlf"]) {
        await pool.fault({ name });
        await pool.clear(name);
      }
      equal((await submit(miner, job, 1)).result, true);
      await clock.advance(10_000);
    });
  });
});
