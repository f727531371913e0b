import { deepEqual, equal, ok } from "node:assert/strict";
import { MinerError, isMinerError } from "../../../src/lib/errors.js";
import { ClientRig } from "./client-rig.js";
import { type PoolPeer, notifyParams } from "./scripted-pool.js";

describe("health of a Stratum V1 client", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  beforeEach(async () => {
    ({ rig, peer } = await ClientRig.mining());
  });
  afterEach(() => {
    rig.close();
  });

  const answered = async (nonce: number, result: boolean, error: unknown): Promise<void> => {
    const outcome = rig.client.submit(rig.share({ nonce }));
    peer.answer(await peer.next(), result, error);
    await outcome;
  };

  it("tells since when there is work, and its age", async () => {
    await rig.clock.advance(1500);
    const { state, readySinceMs, jobAgeMs, failuresInARow } = rig.client.health();
    deepEqual([state, readySinceMs, jobAgeMs, failuresInARow], ["ready", 0, 1500, 0]);
    const { readySinceS, security, remote } = rig.client.snapshot();
    deepEqual([readySinceS, security, remote?.port], [1.5, "none", rig.pool.port]);
    peer.close();
    await rig.until("waiting");
    deepEqual(
      [rig.client.health().readySinceMs, rig.client.health().jobAgeMs],
      [undefined, undefined],
    );
  });

  it("takes a repeated job for no new work", async () => {
    await rig.clock.advance(1000);
    peer.notify("mining.notify", ...notifyParams("1"));
    await peer.settled();
    equal(rig.client.health().jobAgeMs, 1000);
    peer.notify("mining.notify", ...notifyParams("2", { ntime: "6b029ac1" }));
    await peer.settled();
    equal(rig.client.health().jobAgeMs, 0);
  });

  it("tells how long the oldest submit waits", async () => {
    equal(rig.client.health().oldestUnansweredMs, undefined);
    void rig.client.submit(rig.share({ nonce: 1 }));
    await rig.clock.advance(3000);
    void rig.client.submit(rig.share({ nonce: 2 }));
    await rig.clock.advance(1000);
    equal(rig.client.health().oldestUnansweredMs, 4000);
    peer.answer(await peer.next(), true);
    await peer.settled();
    equal(rig.client.health().oldestUnansweredMs, 1000);
  });

  it("counts refusals in a row, for any reason, and how long they go on", async () => {
    await answered(1, false, [21, "Stale", null]);
    await rig.clock.advance(7000);
    await answered(2, false, [23, "Above target", null]);
    const { refusedInARow, refusedForMs, answeredRecently, rejectedRecently } = rig.client.health();
    deepEqual([refusedInARow, refusedForMs, answeredRecently, rejectedRecently], [2, 7000, 2, 1]);
    await answered(3, true, null);
    deepEqual([rig.client.health().refusedInARow, rig.client.health().refusedForMs], [0, 0]);
  });

  it("judges the last 10 minutes", async () => {
    await answered(1, false, [23, "Above target", null]);
    for (let minute = 0; minute < 10; minute += 1) {
      peer.notify("client.show_message", "still here");
      await peer.settled();
      await rig.clock.advance(60_000);
    }
    equal(rig.client.health().answeredRecently, 0);
    equal(rig.client.health().rejectedRecently, 0);
  });

  it("counts unusable jobs until a good one comes", async () => {
    for (const id of ["2", "3"]) peer.notify("mining.notify", ...notifyParams(id).with(1, "00"));
    await peer.settled();
    equal(rig.client.health().badJobsInARow, 2);
    peer.notify("mining.notify", ...notifyParams("4"));
    await peer.settled();
    equal(rig.client.health().badJobsInARow, 0);
  });

  it("counts failures until a session has work", async () => {
    peer.close();
    await rig.until("waiting");
    await rig.clock.advance(500);
    const next = await rig.pool.accept();
    await next.welcome();
    next.close();
    await rig.until("waiting");
    equal(rig.client.health().failuresInARow, 2);
    await rig.clock.advance(1000);
    const good = await rig.pool.accept();
    await good.welcome();
    good.notify("mining.notify", ...notifyParams("1"));
    await good.settled();
    equal(rig.client.health().failuresInARow, 0);
  });

  it("reads the block height where the coinbase has it", async () => {
    equal(rig.client.health().blockHeight, undefined);
    const coinb1 = `0100000001${"00".repeat(32)}ffffffff170330c30d`;
    peer.notify("mining.notify", ...notifyParams("2").with(2, coinb1));
    await peer.settled();
    equal(rig.client.health().blockHeight, 901_936);
    equal(rig.client.snapshot().blockHeight, 901_936);
  });

  it("keeps counting refusals through a session that was opened anew because of them", async () => {
    for (let nonce = 0; nonce < 20; nonce += 1) {
      await answered(nonce, false, [24, "Unauthorized worker", null]);
      await rig.clock.advance(100);
    }
    await rig.until("waiting");
    equal(rig.client.health().refusedInARow, 20);
    rig.client.stop();
    equal(rig.client.health().refusedInARow, 0);
  });
});

describe("a Stratum V1 client", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  beforeEach(async () => {
    ({ rig, peer } = await ClientRig.mining());
  });
  afterEach(() => {
    rig.close();
  });

  it("marks its jobs as its own", () => {
    equal(rig.job.poolKey, rig.client.key);
  });

  it("can be told to connect anew: what was sent is lost, what comes is another session's", async () => {
    const sent = rig.client.submit(rig.share());
    rig.client.restart(new MinerError("POOL_SILENT", { silentMs: 8000 }));
    deepEqual(await sent, { result: "lost" });
    await peer.closed;
    equal(rig.client.snapshot().state, "waiting");
    ok(isMinerError(rig.client.snapshot().lastError, "POOL_SILENT"));
    equal(rig.idles, 1);
    rig.client.restart(new MinerError("POOL_SILENT", { silentMs: 8000 }));
    equal(rig.client.health().failuresInARow, 1);
    await rig.clock.advance(500);
    await rig.pool.accept();
    rig.client.stop();
    rig.client.restart(new MinerError("POOL_SILENT", { silentMs: 8000 }));
    equal(rig.client.snapshot().state, "stopped");
  });
});
