import { deepEqual, equal } from "node:assert/strict";
import { ClientRig } from "./client-rig.js";
import { notifyParams } from "./scripted-pool.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const WITHOUT = ["mining.subscribe", "mining.authorize"];
const WITH = ["mining.configure", ...WITHOUT];

describe("a pool that closes on mining.configure", () => {
  let rig: ClientRig;
  beforeEach(async () => {
    rig = await ClientRig.start();
  });
  afterEach(() => {
    rig.close();
  });

  const methods = async (): Promise<readonly (string | undefined)[]> => {
    const requests = await (await rig.pool.accept()).welcome();
    return requests.map((request) => request.method);
  };

  /** Closes the next connection, which must have begun with configure. */
  const killed = async (): Promise<void> => {
    const peer = await rig.pool.accept();
    equal((await peer.next()).method, "mining.configure");
    peer.close();
  };

  /** What classic ckpool does until the client knows it. */
  const proven = async (): Promise<void> => {
    for (let proof = 0; proof < 2; proof += 1) {
      await killed();
      deepEqual(await methods(), WITHOUT);
    }
  };

  it("is asked again at once, proves it twice, and is not asked for a day", async () => {
    await proven();
    equal(rig.clock.nowMs(), 0);
    equal(rig.errors.length, 0);
    rig.pool.peer.close();
    await rig.until("waiting");
    await rig.clock.advance(500);
    deepEqual(await methods(), WITHOUT);
    rig.client.stop();
    await rig.clock.advance(DAY_MS);
    rig.client.start();
    deepEqual(await methods(), WITH);
  });

  it("keeps version rolling when it only restarted in the wrong instant", async () => {
    await killed();
    deepEqual(await methods(), WITHOUT);
    // Nothing was lost by the proof: there is no job yet.
    deepEqual(await methods(), WITH);
    const { peer } = rig.pool;
    peer.notify("mining.notify", ...notifyParams("1"));
    await peer.settled();
    equal(rig.job.versionMask, 0x1fffe000);
    // The memory of it is gone as well: it takes two proofs again.
    peer.close();
    await rig.until("waiting");
    await rig.clock.advance(500);
    // What was new in this opening, the resumption, is left out first.
    await killed();
    await proven();
  });

  it("is not blamed on configure when it closes without it too", async () => {
    await killed();
    (await rig.pool.accept()).close();
    await rig.until("waiting");
    equal(rig.client.health().failuresInARow, 1);
    await rig.clock.advance(500);
    deepEqual(await methods(), WITH);
  });

  it("is not blamed on configure when that was answered", async () => {
    const peer = await rig.pool.accept();
    peer.answer(await peer.next(), { "version-rolling": true, "version-rolling.mask": "1fffe000" });
    await peer.settled();
    peer.close();
    await rig.until("waiting");
    await rig.clock.advance(500);
    deepEqual(await methods(), WITH);
  });

  it("is asked without it also when it says an error before it closes", async () => {
    for (let proof = 0; proof < 2; proof += 1) {
      const peer = await rig.pool.accept();
      peer.answer(await peer.next(), null, [20, "Unknown method", null]);
      await peer.settled();
      peer.close();
      deepEqual(await methods(), WITHOUT);
    }
    equal(rig.errors.length, 0);
  });

  it("gets shares with five parameters and no rolled bits", async () => {
    await proven();
    const { peer } = rig.pool;
    peer.notify("mining.notify", ...notifyParams("1"));
    peer.notify("mining.set_version_mask", "1fffe000");
    await peer.settled();
    equal(rig.job.versionMask, 0);
    deepEqual(await rig.client.submit(rig.share({ version: 0x20002000 })), {
      result: "dropped",
      reason: "version-mask",
    });
    void rig.client.submit(rig.share());
    equal((await peer.next()).params?.length, 5);
  });
});
