import { deepEqual, equal, ok } from "node:assert/strict";
import { ManualClock } from "../../../src/lib/clock.js";
import { toHex } from "../../../src/lib/bytes.js";
import { ClientRig } from "./client-rig.js";
import { type PoolPeer, notifyParams } from "./scripted-pool.js";

/** What other firmware is known to get wrong; each name is the mistake. */
describe("mistakes that others make", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  beforeEach(async () => {
    ({ rig, peer } = await ClientRig.mining());
  });
  afterEach(() => {
    rig.close();
  });

  const next = async (...params: Parameters<typeof notifyParams>): Promise<void> => {
    peer.notify("mining.notify", ...notifyParams(...params));
    await peer.settled();
  };

  it("one difficulty for all jobs", async () => {
    const before = rig.job;
    peer.notify("mining.set_difficulty", 4);
    await peer.settled();
    await next("2");
    deepEqual([before.difficulty, rig.job.difficulty], [16, 4]);
    const outcome = rig.client.submit(rig.share({}, before));
    peer.answer(await peer.next(), true);
    await outcome;
    equal(rig.client.snapshot().acceptedDifficulty, 16);
  });

  it("a buffer too small for the coinbase", async () => {
    const coinb2 = "ab".repeat(500_000);
    await next("2", { coinb2 });
    equal(rig.job.coinbaseSuffix.length, 500_000);
    equal(toHex(rig.job.coinbaseSuffix.subarray(-4)), "abababab");
  });

  it("a closed connection after configure taken for a dead pool", async () => {
    rig.close();
    rig = await ClientRig.start();
    for (let proof = 0; proof < 2; proof += 1) {
      (await rig.pool.accept()).close();
      peer = await rig.pool.accept();
      await peer.welcome();
    }
    await next("1");
    equal(rig.client.snapshot().state, "ready");
    equal(rig.errors.length, 0);
  });

  it("the pool's mask used as it is", async () => {
    peer.notify("mining.set_version_mask", "e0000fff");
    await peer.settled();
    equal(rig.job.versionMask, 0);
  });

  for (const version of ["20000000", "32ef0000", "3fffe000"])
    it(`version bits that do not give our header with every rule (job ${version})`, async () => {
      await next("2", { version });
      const { job } = rig;
      const rolled = (job.version | job.versionMask) >>> 0;
      void rig.client.submit(rig.share({ version: rolled }));
      const bits = Number.parseInt(String((await peer.next()).params?.[5]), 16);
      const mask = 0x1fffe000;
      equal(((job.version & ~mask) | (bits & mask)) >>> 0, rolled);
      equal((job.version | bits) >>> 0, rolled);
    });

  it("a share sent again because the pool repeated its job", async () => {
    const share = rig.share();
    void rig.client.submit(share);
    await peer.next();
    peer.notify("mining.set_difficulty", 8);
    await next("1");
    deepEqual(await rig.client.submit(rig.share()), { result: "dropped", reason: "duplicate" });
  });

  it("waiting for one answer while notifications pile up", async () => {
    rig.close();
    rig = await ClientRig.start();
    peer = await rig.pool.accept();
    const requests = [await peer.next(), await peer.next(), await peer.next()] as const;
    peer.notify("mining.set_difficulty", 2);
    for (const id of ["1", "2", "3"]) peer.notify("mining.notify", ...notifyParams(id));
    peer.answer(requests[1], [[], "00", 4]);
    for (const id of ["4", "5"]) peer.notify("mining.notify", ...notifyParams(id));
    peer.answer(requests[2], true);
    peer.answer(requests[0], { "version-rolling": true, "version-rolling.mask": "1fffe000" });
    await peer.settled();
    deepEqual(
      rig.jobs.map(({ jobId, difficulty, versionMask }) => [jobId, difficulty, versionMask]),
      [["5", 2, 0x1fffe000]],
    );
  });

  it("errors understood as arrays only", async () => {
    for (const [nonce, error] of [
      "Stale share",
      { code: 21, message: "Stale share" },
      [21, "Stale share"],
      [21, "Stale share", "Traceback"],
    ].entries()) {
      const outcome = rig.client.submit(rig.share({ nonce }));
      peer.answer(await peer.next(), null, error);
      deepEqual(await outcome, { result: "stale", text: "Stale share" });
    }
  });

  it("a connection taken for health", async () => {
    rig.close();
    rig = await ClientRig.start();
    peer = await rig.pool.accept();
    await peer.welcome();
    await peer.settled();
    equal(rig.client.snapshot().state, "opening");
    equal(rig.client.health().readySinceMs, undefined);
  });

  it("no watch over work that does not come", async () => {
    rig.close();
    rig = await ClientRig.start();
    peer = await rig.pool.accept();
    await peer.welcome();
    await peer.settled();
    await rig.clock.advance(119_999);
    equal(rig.client.snapshot().state, "opening");
    await rig.clock.advance(1);
    equal(rig.client.snapshot().lastError?.code, "POOL_SILENT");
  });

  it("an extranonce2 of more than 8 bytes cut", async () => {
    peer.notify("mining.set_extranonce", "00", 32);
    await peer.settled();
    await next("2");
    const extranonce2 = Uint8Array.from({ length: 32 }, (_, index) => index);
    void rig.client.submit(rig.share({ extranonce2 }));
    equal((await peer.next()).params?.[2], toHex(extranonce2));
  });

  it("an extranonce2 of no bytes", async () => {
    peer.notify("mining.set_extranonce", "00000001", 0);
    await peer.settled();
    await next("2");
    void rig.client.submit(rig.share());
    equal((await peer.next()).params?.[2], "");
  });

  it("mining.set_extranonce ignored", async () => {
    peer.notify("mining.set_extranonce", "11223344");
    await peer.settled();
    await next("2");
    equal(toHex(rig.job.coinbasePrefix), "010011223344");
  });

  it("client.reconnect ignored", async () => {
    peer.notify("client.reconnect");
    await peer.closed;
  });

  it("a difficulty rounded up", async () => {
    peer.notify("mining.set_difficulty", 1000.5);
    await peer.settled();
    await next("2");
    // A target of 1001 would lose shares that are paid.
    equal(rig.job.target, ((0xffffn << 208n) * 2n) / 2001n);
  });

  it("the wall clock trusted", async () => {
    class JumpingClock extends ManualClock {
      override unixMs(): number {
        throw new Error("pools have nothing to do with the time of day");
      }
    }
    rig.close();
    rig = await ClientRig.start({ clock: new JumpingClock(), suggestDifficulty: () => 5 });
    peer = await rig.pool.accept();
    await peer.welcome();
    peer.notify("mining.notify", ...notifyParams("1"));
    await peer.settled();
    await peer.next();
    // ntime is the job's, whatever this machine takes for now.
    void rig.client.submit(rig.share());
    equal((await peer.next()).params?.[3], "6b029ac0");
    deepEqual(await rig.client.submit(rig.share({ ntime: 0x6b029ac0 + 7001 })), {
      ...{ result: "dropped", reason: "malformed" },
    });
    peer.close();
    await rig.until("waiting");
    ok(rig.errors.length > 0);
  });
});
