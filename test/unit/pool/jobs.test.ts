import { deepEqual, equal } from "node:assert/strict";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { targetFromDifficulty } from "../../../src/bitcoin/target.js";
import { toHex } from "../../../src/lib/bytes.js";
import { ClientRig } from "./client-rig.js";
import { type PoolPeer, notifyParams } from "./scripted-pool.js";

const ids = (rig: ClientRig): readonly (string | number)[] => rig.jobs.map((job) => job.jobId);

describe("jobs of a Stratum V1 session", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  beforeEach(async () => {
    ({ rig, peer } = await ClientRig.mining());
  });
  afterEach(() => {
    rig.close();
  });

  it("carry everything that work needs", () => {
    const { job } = rig;
    equal(job.target, targetFromDifficulty(16, MAINNET));
    equal(job.difficulty, 16);
    equal(toHex(job.coinbasePrefix), "0100c19a026b");
    equal(toHex(job.coinbaseSuffix), "00000000");
    equal(toHex(job.prevhash).slice(0, 8), "00000041");
    equal(job.nbits, 0x1d00ffff);
    equal(job.extranonce2Size, 4);
    equal(job.versionMask, 0x1fffe000);
  });

  it("are announced once for a burst in one read, with the flag of the clean one", async () => {
    const lines = ["2", "3"].map((id) => ({
      id: null,
      method: "mining.notify",
      params: notifyParams(id, { prevhash: "B", clean: id === "2" }),
    }));
    peer.send(...lines);
    await peer.settled();
    deepEqual(ids(rig), ["1", "3"]);
    equal(rig.job.clean, true);
  });

  it("are clean when the prevhash changes, whatever the pool says", async () => {
    peer.notify("mining.notify", ...notifyParams("2"));
    await peer.settled();
    equal(rig.job.clean, false);
    peer.notify("mining.notify", ...notifyParams("3", { prevhash: "B" }));
    await peer.settled();
    equal(rig.job.clean, true);
  });

  it("keep the last 33 submittable", async () => {
    const [first] = rig.jobs;
    for (let id = 2; id <= 33; id += 1) {
      peer.notify("mining.notify", ...notifyParams(String(id), { coinb2: `0${id % 10}` }));
      await peer.settled();
    }
    void rig.client.submit(rig.share({}, first));
    equal((await peer.next()).params?.[1], "1");
    peer.notify("mining.notify", ...notifyParams("34", { coinb2: "aa" }));
    await peer.settled();
    deepEqual(await rig.client.submit(rig.share({ nonce: 2 }, first)), {
      result: "dropped",
      reason: "stale-job",
    });
  });

  it("are announced again with the new target when the pool repeats one", async () => {
    const [first] = rig.jobs;
    peer.notify("mining.set_difficulty", 32);
    peer.notify("mining.notify", ...notifyParams("1"));
    await peer.settled();
    deepEqual([rig.job.jobId, rig.job.difficulty, rig.job.clean], ["1", 32, false]);
    deepEqual(await rig.client.submit(rig.share({}, first)), {
      result: "dropped",
      reason: "stale-job",
    });
  });

  it("stay in work when the pool repeats one as it is, also as a clean one", async () => {
    const [first] = rig.jobs;
    peer.notify("mining.notify", ...notifyParams("1"));
    peer.notify("mining.notify", ...notifyParams("1", { clean: true }));
    await peer.settled();
    deepEqual(ids(rig), ["1"]);
    void rig.client.submit(rig.share({}, first));
    equal((await peer.next()).params?.[1], "1");
  });

  it("come anew when the mask changes, clean when it gets narrower", async () => {
    const [first] = rig.jobs;
    peer.notify("mining.set_version_mask", "00006000");
    await peer.settled();
    const narrow = rig.job;
    deepEqual([narrow.versionMask, narrow.clean, narrow.jobId], [0x6000, true, "1"]);
    equal(narrow.key === first?.key, false);
    peer.notify("mining.set_version_mask", "00006000");
    await peer.settled();
    equal(rig.jobs.length, 2);
    peer.notify("mining.set_version_mask", "1fffe000");
    await peer.settled();
    deepEqual([rig.job.versionMask, rig.job.clean], [0x1fffe000, false]);
    // The first is still the same job to the pool.
    void rig.client.submit(rig.share({}, first));
    equal((await peer.next()).params?.[1], "1");
  });

  it("take a new extranonce from the next one on", async () => {
    const first = rig.job;
    peer.notify("mining.set_extranonce", "6351117f65", 3);
    await peer.settled();
    equal(rig.jobs.length, 1);
    peer.notify("mining.notify", ...notifyParams("2"));
    await peer.settled();
    equal(toHex(rig.job.coinbasePrefix), "01006351117f65");
    equal(rig.job.extranonce2Size, 3);
    equal(rig.job.sessionKey === first.sessionKey, false);
    peer.notify("mining.set_extranonce", "6351117f66");
    peer.notify("mining.notify", ...notifyParams("3"));
    await peer.settled();
    equal(rig.job.extranonce2Size, 3);
    void rig.client.submit(rig.share({}, first));
    equal((await peer.next()).params?.[2], "00000000");
  });

  it("stay as they are when a notify or a difficulty is unusable", async () => {
    peer.notify("mining.set_difficulty", 0);
    peer.notify("mining.notify", ...notifyParams("2").slice(0, 8));
    peer.notify("mining.notify", ...notifyParams("3").with(6, "1d80ffff"));
    await peer.settled();
    deepEqual(ids(rig), ["1"]);
    equal(rig.client.snapshot().difficulty, 16);
  });
});
