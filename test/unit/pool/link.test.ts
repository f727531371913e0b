import { deepEqual, equal, match, ok } from "node:assert/strict";
import { isMinerError } from "../../../src/lib/errors.js";
import type { LinkListener } from "../../../src/pool/transport/link.js";
import { ClientRig } from "./client-rig.js";
import { type PoolPeer, notifyParams } from "./scripted-pool.js";

describe("the link of a Stratum V1 client", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  beforeEach(async () => {
    ({ rig, peer } = await ClientRig.mining());
  });
  afterEach(() => {
    rig.close();
  });

  it("stops work when the pool goes away, and mines again when it is back", async () => {
    peer.close();
    await rig.until("waiting");
    equal(rig.idles, 1);
    ok(isMinerError(rig.client.snapshot().lastError, "POOL_UNREACHABLE"));
    await rig.clock.advance(500);
    const next = await rig.pool.accept();
    await next.welcome();
    next.notify("mining.notify", ...notifyParams("9"));
    await next.settled();
    deepEqual([rig.job.jobId, rig.job.clean, rig.job.difficulty], ["9", true, 1]);
    equal(rig.client.snapshot().lastError, undefined);
    equal(rig.client.snapshot().sessions, 2);
  });

  it("backs off 1, 2, 4 ... 60 s times 0.5 to 1, and begins anew after a good session", async () => {
    for (const pauseMs of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      peer.close();
      await rig.until("waiting");
      await rig.clock.advance(pauseMs - 1);
      equal(rig.client.snapshot().state, "waiting");
      await rig.clock.advance(1);
      peer = await rig.pool.accept();
      await peer.welcome();
      await peer.settled();
    }
    await rig.clock.advance(60_000);
    peer.close();
    await rig.until("waiting");
    await rig.clock.advance(500);
    await rig.pool.accept();
  });

  it("begins the back-off anew after an accepted share", async () => {
    peer.close();
    await rig.until("waiting");
    await rig.clock.advance(500);
    const next = await rig.pool.accept();
    await next.welcome();
    next.notify("mining.notify", ...notifyParams("1"));
    await next.settled();
    const outcome = rig.client.submit(rig.share());
    next.answer(await next.next(), true);
    await outcome;
    next.close();
    await rig.until("waiting");
    await rig.clock.advance(500);
    await rig.pool.accept();
  });

  it("is made anew when no line came for 180 s, and only then", async () => {
    await rig.clock.advance(179_999);
    await peer.settled();
    await rig.clock.advance(179_999);
    equal(rig.client.snapshot().state, "ready");
    await rig.clock.advance(1);
    equal(rig.client.snapshot().state, "waiting");
    ok(isMinerError(rig.client.snapshot().lastError, "POOL_SILENT"));
    await peer.closed;
  });

  it("calls a pool suspicious that sends no new work for 120 s", async () => {
    await rig.clock.advance(119_999);
    equal(rig.client.snapshot().isSuspicious, false);
    await rig.clock.advance(1);
    equal(rig.client.snapshot().isSuspicious, true);
    equal(rig.client.snapshot().jobAgeMs, 120_000);
    equal(rig.notices.at(-1)?.kind, "warning");
    peer.notify("mining.notify", ...notifyParams("1"));
    await peer.settled();
    equal(rig.client.snapshot().isSuspicious, true);
    peer.notify("mining.notify", ...notifyParams("2", { ntime: "6b029ac1" }));
    await peer.settled();
    equal(rig.client.snapshot().isSuspicious, false);
  });

  it("answers what pools ask", async () => {
    peer.send({ id: "v", method: "client.get_version", params: [] });
    deepEqual(await peer.next(), { id: "v", result: "headframe/0.0.0", error: null });
    peer.send({ id: 99, method: "mining.something_new", params: [] });
    deepEqual(await peer.next(), { id: 99, result: null, error: [20, "Unknown method", null] });
    peer.send({ id: null, method: "mining.something_new", params: [] });
    await peer.settled();
    equal(peer.unread, 0);
  });

  it("shows a message of the pool without control characters and within bounds", async () => {
    peer.notify("client.show_message", `\u001b[2J${"a".repeat(5000)}`);
    // Turns around, or breaks, what a terminal shows after it.
    peer.notify("client.show_message", "a\u202eb\u2066c\u2028d\u200be\ud800f");
    await peer.settled();
    const messages = rig.notices.filter(({ kind }) => kind === "pool-message");
    match(messages[0]?.text ?? "", /^ \[2Ja{252}$/);
    equal(messages[1]?.text, "a b c d e f");
  });

  it("reconnects when the pool asks, after the wait, to its own address only", async () => {
    await rig.clock.advance(60_000);
    peer.notify("client.reconnect", "evil.example", 3333, 5);
    await peer.closed;
    equal(rig.idles, 1);
    await rig.clock.advance(4_999);
    equal(rig.client.snapshot().state, "waiting");
    await rig.clock.advance(1);
    await rig.pool.accept();
  });

  it("announces no old job when the same extranonce1 comes back with another mask", async () => {
    peer.close();
    await rig.until("waiting");
    await rig.clock.advance(500);
    const next = await rig.pool.accept();
    await next.welcome({ mask: "00006000" });
    await next.settled();
    equal(rig.jobs.length, 1);
    next.notify("mining.notify", ...notifyParams("1"));
    await next.settled();
    deepEqual([rig.jobs.length, rig.job.versionMask, rig.job.clean], [2, 0x6000, true]);
  });

  it("does not let client.reconnect drive it in circles", async () => {
    peer.notify("client.reconnect", null, null, 0);
    await peer.closed;
    await rig.clock.advance(499);
    equal(rig.client.snapshot().state, "waiting");
    await rig.clock.advance(1);
    await rig.pool.accept();
  });

  it("is closed on a line beyond 1 MiB", async () => {
    peer.send("x".repeat(1024 * 1024 + 1));
    await peer.closed;
    const { lastError } = rig.client.snapshot();
    deepEqual([lastError?.code, lastError?.context["what"]], ["POOL_PROTOCOL", "line too long"]);
  });

  it("does not come back after a stop", async () => {
    rig.client.stop();
    await peer.closed;
    await rig.clock.advance(120_000);
    equal(rig.pool.waiting, 0);
  });
});

describe("latency of a Stratum V1 client", () => {
  it("announces a job in the turn it is read and writes a share in the turn it is found", async () => {
    const written: string[] = [];
    let pool: LinkListener | undefined;
    const rig = await ClientRig.start({
      openLink: (_, listener) => {
        pool = listener;
        return {
          security: "none",
          remote: undefined,
          write: (text) => written.push(text) > 0,
          setReading: () => undefined,
          close: () => undefined,
        };
      },
    });
    const read = (message: object): void => {
      pool?.onData(Buffer.from(`${JSON.stringify(message)}\n`));
    };
    pool?.onOpen();
    read({ id: 1, result: { "version-rolling": true, "version-rolling.mask": "1fffe000" } });
    read({ id: 2, result: [[], "00", 4] });
    read({ id: 3, result: true });
    read({ id: null, method: "mining.notify", params: notifyParams("1") });
    equal(rig.jobs.length, 1);
    const before = written.length;
    void rig.client.submit(rig.share());
    equal(written.length, before + 1);
    rig.close();
  });
});
