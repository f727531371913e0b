import { deepEqual, equal, match, ok } from "node:assert/strict";
import { ClientRig } from "./client-rig.js";
import { type PoolPeer, notifyParams } from "./scripted-pool.js";

const MAX_LINE_BYTES = 1024 * 1024;

describe("a pool that says too much", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  beforeEach(async () => {
    ({ rig, peer } = await ClientRig.mining());
  });
  afterEach(() => {
    rig.close();
  });

  const storm = (count: number): readonly object[] =>
    Array.from({ length: count }, (_, index) => ({
      method: "mining.notify",
      params: notifyParams(`s${index}`, { ntime: (0x6b029ac0 + index).toString(16) }),
    }));

  it("gives everything else its turn between its lines", async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    peer.send(...storm(10_000));
    await peer.settled();
    isOver = true;
    // 128 lines a turn at most.
    ok(turns >= 78);
    await rig.clock.advance(50);
    equal(rig.job.jobId, "s9999");
  });

  it("has its jobs thinned out, the last one kept, clean if one between was", async () => {
    for (let id = 0; id < 40; id += 1) {
      peer.notify("mining.notify", ...notifyParams(`t${id}`, { clean: id === 30 }));
      await peer.settled();
    }
    equal(rig.jobs.length, 16);
    await rig.clock.advance(50);
    deepEqual([rig.jobs.length, rig.job.jobId, rig.job.clean], [17, "t39", true]);
    // The job that was not announced in between can have no shares, the last one can.
    void rig.client.submit(rig.share());
    equal((await peer.next()).params?.[1], "t39");
  });

  it("announces no thinned out job of a session that is over", async () => {
    for (let id = 0; id < 20; id += 1) {
      peer.notify("mining.notify", ...notifyParams(`t${id}`));
      await peer.settled();
    }
    peer.close();
    await rig.until("waiting");
    const { length } = rig.jobs;
    await rig.clock.advance(400);
    equal(rig.jobs.length, length);
  });

  it("does not fill the log with what it says", async () => {
    for (let index = 0; index < 1000; index += 1) peer.notify("client.show_message", `m${index}`);
    await peer.settled();
    equal(rig.notices.length, 20);
    await rig.clock.advance(10_000);
    peer.notify("client.show_message", "last");
    await peer.settled();
    match(rig.notices.at(-1)?.text ?? "", /^last \(980 notices/);
  });

  it("may say a line of 1 MiB, in bytes as they drip", async () => {
    const line = Buffer.from(`{"method":"client.show_message","params":["big"]}`);
    const padded = Buffer.alloc(MAX_LINE_BYTES, " ");
    line.copy(padded);
    for (let start = 0; start < 100; start += 1) {
      peer.write(padded.subarray(start, start + 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
    peer.write(Buffer.concat([padded.subarray(100), Buffer.from("\n")]));
    await peer.settled();
    equal(rig.notices.at(-1)?.text, "big");
  });

  it("is no less silent for bytes that make no line", async () => {
    await rig.clock.advance(100_000);
    peer.write(Buffer.from('{"id":'));
    // On the loop-back the bytes are there as soon as they are written; the next turn but one has read them.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await rig.clock.advance(80_000);
    equal(rig.client.snapshot().lastError?.code, "POOL_SILENT");
  });

  it("cannot make us parse a merkle tree without end, or echo endless ids", async () => {
    const branches = Array.from({ length: 33 }, () => "00".repeat(32));
    peer.notify("mining.notify", ...notifyParams("2").with(4, branches));
    peer.notify("mining.notify", ...notifyParams("j".repeat(255)));
    peer.notify("mining.notify", ...notifyParams(2 ** 53));
    await peer.settled();
    equal(rig.client.health().badJobsInARow, 3);
    equal(rig.job.jobId, "1");
  });

  it("nests brackets as deep as a line is long", async () => {
    peer.send(`{"id":null,"method":"mining.notify","params":${"[".repeat(500_000)}`);
    await peer.closed;
    equal(rig.client.snapshot().lastError?.code, "POOL_PROTOCOL");
  });

  it("never answers, and the oldest of very many shares count as lost", async () => {
    let lost = 0;
    for (let nonce = 0; nonce < 8200; nonce += 1)
      void rig.client.submit(rig.share({ nonce })).then(({ result }) => {
        if (result === "lost") lost += 1;
      });
    await new Promise((resolve) => setImmediate(resolve));
    deepEqual([rig.client.snapshot().pending, lost], [8192, 8]);
  });
});
