import { deepEqual, equal, ok } from "node:assert/strict";
import { isMinerError } from "../../../src/lib/errors.js";
import { ClientRig, USER } from "./client-rig.js";
import { type PoolPeer, notifyParams } from "./scripted-pool.js";

describe("shares on a Stratum V1 session", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  beforeEach(async () => {
    ({ rig, peer } = await ClientRig.mining());
  });
  afterEach(() => {
    rig.close();
  });

  it("are sent with lower-case hex of fixed width and the version bits", async () => {
    void rig.client.submit(
      rig.share({
        extranonce2: Uint8Array.of(0, 0, 0, 0xab),
        nonce: 0xc,
        version: 0x2000e000,
      }),
    );
    const { method, params } = await peer.next();
    equal(method, "mining.submit");
    deepEqual(params, [USER, "1", "000000ab", "6b029ac0", "0000000c", "0000e000"]);
  });

  it("carry the version bits also when none is set", async () => {
    void rig.client.submit(rig.share());
    equal((await peer.next()).params?.[5], "00000000");
  });

  it("give a numeric job id back as a number", async () => {
    peer.notify("mining.notify", ...notifyParams(17));
    await peer.settled();
    void rig.client.submit(rig.share());
    equal((await peer.next()).params?.[1], 17);
  });

  it("are accepted, and credit the difficulty of their job", async () => {
    const outcome = rig.client.submit(rig.share({ difficulty: 99 }));
    const request = await peer.next();
    await rig.clock.advance(40);
    peer.answer(request, true);
    deepEqual(await outcome, { result: "accepted" });
    const snapshot = rig.client.snapshot();
    equal(snapshot.accepted, 1);
    equal(snapshot.acceptedDifficulty, 16);
    equal(snapshot.bestDifficulty, 99);
    equal(snapshot.latencyMs, 40);
    deepEqual([snapshot.lastAcceptedAgoS, snapshot.lastAcceptedDifficulty], [0, 16]);
    equal(snapshot.pending, 0);
    deepEqual(rig.outcomes, [{ result: "accepted" }]);
  });

  it("tell stale from refused, with the reason in the pool's words", async () => {
    const stale = rig.client.submit(rig.share({ nonce: 1 }));
    const low = rig.client.submit(rig.share({ nonce: 2 }));
    peer.answer(await peer.next(), null, [21, "Job not found", ""]);
    const { id } = await peer.next();
    peer.send({ id, "reject-reason": "Above target", result: false, error: null });
    deepEqual(await stale, { result: "stale", text: "Job not found" });
    deepEqual(await low, { result: "rejected", reason: "low-difficulty", text: "Above target" });
    const { stale: stales, rejected, rejectReasons, rejectedDifficulty } = rig.client.snapshot();
    deepEqual([stales, rejected, rejectedDifficulty], [1, 1, 16]);
    equal(rejectReasons["low-difficulty"], 1);
    equal(rejectReasons.stale, 1);
  });

  it("are not accepted by an answer that is not true", async () => {
    const outcome = rig.client.submit(rig.share());
    peer.answer(await peer.next(), {});
    equal((await outcome).result, "rejected");
  });

  it("count as lost when they are not answered for 120 s, also if the answer comes later", async () => {
    const outcome = rig.client.submit(rig.share());
    const request = await peer.next();
    await rig.clock.advance(119_999);
    equal(rig.client.snapshot().pending, 1);
    await rig.clock.advance(1);
    deepEqual(await outcome, { result: "lost" });
    peer.answer(request, true);
    await peer.settled();
    const { lost, accepted, unknownReplies } = rig.client.snapshot();
    deepEqual([lost, accepted, unknownReplies], [1, 0, 1]);
  });

  it("are lost with the connection when they were sent on it", async () => {
    const outcome = rig.client.submit(rig.share());
    await peer.next();
    peer.close();
    deepEqual(await outcome, { result: "lost" });
  });

  it("are never sent twice", async () => {
    void rig.client.submit(rig.share());
    deepEqual(await rig.client.submit(rig.share()), { result: "dropped", reason: "duplicate" });
    await peer.settled();
    equal(peer.unread, 1);
  });

  for (const [title, overrides] of [
    ["a wrong extranonce2 size", { extranonce2: new Uint8Array(3) }],
    ["an ntime before the job's", { ntime: 0x6b029abf }],
  ] as const)
    it(`are dropped with ${title}`, async () => {
      const outcome = await rig.client.submit(rig.share(overrides));
      deepEqual(outcome, { result: "dropped", reason: "malformed" });
    });

  it("are dropped when bits are rolled outside the mask, or in bits the job has set", async () => {
    peer.notify("mining.notify", ...notifyParams("2", { version: "20002000" }));
    await peer.settled();
    equal(rig.job.versionMask, 0x1fffc000);
    for (const version of [0x60002000, 0x20000000, 0x20002010])
      deepEqual(await rig.client.submit(rig.share({ version })), {
        result: "dropped",
        reason: "version-mask",
      });
  });

  it("of an old session are dropped when the pool hands out another extranonce1", async () => {
    const share = rig.share();
    peer.close();
    await rig.until("waiting");
    const held = rig.client.submit(share);
    await rig.clock.advance(500);
    const next = await rig.pool.accept();
    await next.welcome({ extranonce1: "00000001" });
    deepEqual(await held, { result: "dropped", reason: "old-session" });
    deepEqual(await rig.client.submit(share), { result: "dropped", reason: "old-session" });
    const { dropped, dropReasons } = rig.client.snapshot();
    deepEqual([dropped, dropReasons["old-session"]], [2, 2]);
  });

  it("found while the link was down are sent when the same extranonce1 comes back", async () => {
    const share = rig.share();
    peer.close();
    await rig.until("waiting");
    const held = rig.client.submit(share);
    await rig.clock.advance(500);
    const next = await rig.pool.accept();
    await next.welcome();
    const request = await next.next();
    equal(request.params?.[1], "1");
    next.answer(request, true);
    deepEqual(await held, { result: "accepted" });
  });

  it("wait no longer than 120 s for a session", async () => {
    const share = rig.share();
    peer.close();
    await rig.until("waiting");
    rig.pool.close();
    const held = rig.client.submit(share);
    await rig.clock.advance(120_000);
    deepEqual(await held, { result: "dropped", reason: "not-connected" });
  });

  it("open the session anew after 20 rejects in a row that only we can have caused", async () => {
    for (let nonce = 0; nonce < 20; nonce += 1) {
      const outcome = rig.client.submit(rig.share({ nonce }));
      peer.answer(await peer.next(), null, [23, "Above target", null]);
      equal((await outcome).result, "rejected");
      await rig.clock.advance(100);
    }
    await peer.closed;
    ok(isMinerError(rig.client.snapshot().lastError, "POOL_SHARES_REFUSED"));
    equal(rig.idles, 1);
  });

  it("do not end the session when they were all on their way as the pool changed its terms", async () => {
    for (let nonce = 0; nonce < 40; nonce += 1) {
      const outcome = rig.client.submit(rig.share({ nonce }));
      peer.answer(await peer.next(), null, [20, "Invalid version mask", null]);
      equal((await outcome).result, "rejected");
    }
    equal(rig.client.snapshot().state, "ready");
  });

  it("have their outcome when the client is stopped", async () => {
    const sent = rig.client.submit(rig.share({ nonce: 1 }));
    rig.client.stop();
    deepEqual(await sent, { result: "lost" });
    deepEqual(await rig.client.submit(rig.share({ nonce: 2 })), {
      result: "dropped",
      reason: "not-connected",
    });
    equal(rig.idles, 1);
    equal(rig.client.snapshot().state, "stopped");
  });
});
