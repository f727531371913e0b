import { deepEqual, equal } from "node:assert/strict";
import { toHex } from "../../../src/lib/bytes.js";
import { ClientRig, USER } from "./client-rig.js";
import { type ClientLine, type PoolPeer, notifyParams } from "./scripted-pool.js";

/** What pools are known to do; where it was seen is in the fact sheet of the pool protocols. */
describe("quirks of pools", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  afterEach(() => {
    rig.close();
  });

  const mining = async (terms: Parameters<PoolPeer["welcome"]>[0] = {}): Promise<void> => {
    ({ rig, peer } = await ClientRig.mining(terms));
  };

  const outcomeOf = async (answer: (id: number) => object): Promise<unknown> => {
    const outcome = rig.client.submit(rig.share());
    peer.send(answer((await peer.next()).id));
    return outcome;
  };

  describe("classic ckpool", () => {
    it("refuses a share with an error of null", async () => {
      await mining();
      const answer = { "reject-reason": "Above target", result: false, error: null };
      deepEqual(await outcomeOf((id) => ({ ...answer, id })), {
        ...{ result: "rejected", reason: "low-difficulty", text: "Above target" },
      });
    });

    it("answers without a result", async () => {
      await mining();
      deepEqual(await outcomeOf((id) => ({ id, error: "Unhandled" })), {
        ...{ result: "rejected", reason: "unsupported", text: "Unhandled" },
      });
    });
  });

  describe("ckpool", () => {
    it("grants its own mask whatever was asked", async () => {
      await mining({ mask: "ffffffff" });
      equal(rig.job.versionMask, 0x1fffe000);
      void rig.client.submit(rig.share({ version: 0x3fffe000 }));
      // All bits of the header version that the pool's mask has.
      equal((await peer.next()).params?.[5], "3fffe000");
    });

    it("sends work and difficulty before it answers the login", async () => {
      rig = await ClientRig.start();
      peer = await rig.pool.accept();
      const [configure, subscribe, authorize] = [
        await peer.next(),
        await peer.next(),
        await peer.next(),
      ];
      peer.answer(configure, { "version-rolling": true, "version-rolling.mask": "1fffe000" });
      peer.answer(subscribe, [[["mining.notify", "1"]], "00", 8]);
      peer.notify("mining.set_difficulty", 1_000_000);
      peer.notify("mining.notify", ...notifyParams("1"));
      peer.answer(authorize, true);
      await peer.settled();
      equal(rig.job.difficulty, 1_000_000);
    });

    it("goes down to difficulty 0.0001", async () => {
      await mining();
      peer.notify("mining.set_difficulty", 0.0001);
      peer.notify("mining.notify", ...notifyParams("2"));
      await peer.settled();
      equal(rig.job.difficulty, 0.0001);
    });

    it("sends a clean job and a plain one right after a block", async () => {
      await mining();
      peer.notify("mining.notify", ...notifyParams("2", { prevhash: "B", clean: true }));
      await peer.settled();
      peer.notify("mining.notify", ...notifyParams("3", { prevhash: "B" }));
      await peer.settled();
      deepEqual(
        rig.jobs.map(({ jobId, clean }) => [jobId, clean]),
        [
          ["1", true],
          ["2", true],
          ["3", false],
        ],
      );
    });
  });

  describe("public-pool", () => {
    it("has a first job that is not clean, and is worked on as a clean one", async () => {
      rig = await ClientRig.start();
      peer = await rig.pool.accept();
      await peer.welcome();
      peer.notify("mining.set_difficulty", 16_384);
      peer.notify("mining.notify", ...notifyParams("875b4b7"));
      await peer.settled();
      equal(rig.job.clean, true);
    });

    it("takes two parameters to authorize, no more", async () => {
      rig = await ClientRig.start();
      const opening = await (await rig.pool.accept()).welcome();
      equal(opening.at(-1)?.params?.length, 2);
    });

    it("names an unknown job in an array of three", async () => {
      await mining();
      const answer = { result: null, error: [21, "Job not found", ""] };
      deepEqual(await outcomeOf((id) => ({ ...answer, id })), {
        ...{ result: "stale", text: "Job not found" },
      });
    });
  });

  describe("DATUM", () => {
    const isStrict = (line: ClientLine): boolean =>
      Number.isInteger(line.id) && Array.isArray(line.params) && typeof line.method === "string";

    it("wants a whole id and parameters in everything that we say", async () => {
      rig = await ClientRig.start({ suggestDifficulty: () => 1000 }, "/#xnsub");
      peer = await rig.pool.accept();
      const lines = [...(await peer.welcome()), await peer.next(), await peer.next()];
      peer.notify("mining.notify", ...notifyParams("1"));
      await peer.settled();
      void rig.client.submit(rig.share());
      lines.push(await peer.next());
      deepEqual(lines.map(isStrict), [true, true, true, true, true, true]);
      deepEqual(
        lines.map(({ id }) => id),
        [1, 2, 3, 4, 5, 6],
      );
    });

    it("never hears of a minimum difficulty", async () => {
      rig = await ClientRig.start();
      const configure = await (await rig.pool.accept()).next();
      equal(JSON.stringify(configure).includes("minimum-difficulty"), false);
    });

    it("changes the mask right after configure", async () => {
      rig = await ClientRig.start();
      peer = await rig.pool.accept();
      await peer.welcome({ mask: "1fffe000" });
      peer.notify("mining.set_version_mask", "00ffe000");
      peer.notify("mining.notify", ...notifyParams("N1"));
      await peer.settled();
      equal(rig.job.versionMask, 0x00ffe000);
    });

    it("sends empty work and soon the full job, in one read worked on once", async () => {
      await mining();
      const empty = notifyParams("N2", { prevhash: "B", clean: true });
      const full = notifyParams("Q2", { prevhash: "B" }).with(4, ["ab".repeat(32)]);
      peer.send(
        { method: "mining.notify", params: empty },
        { method: "mining.notify", params: full },
      );
      await peer.settled();
      deepEqual([rig.jobs.length, rig.job.jobId, rig.job.clean], [2, "Q2", true]);
    });

    it("calls an unknown job an error of another kind by number", async () => {
      await mining();
      const answer = { result: null, error: [20, "unknown-work", null] };
      equal(((await outcomeOf((id) => ({ ...answer, id }))) as { result: string }).result, "stale");
    });
  });

  describe("NiceHash", () => {
    for (const size of [5, 9])
      it(`has an extranonce1 of ${size} bytes and an extranonce2 of 3`, async () => {
        await mining({ extranonce1: "ab".repeat(size), extranonce2Size: 3 });
        equal(toHex(rig.job.coinbasePrefix), `0100${"ab".repeat(size)}`);
        void rig.client.submit(rig.share({ extranonce2: Uint8Array.of(0, 0, 7) }));
        equal((await peer.next()).params?.[2], "000007");
      });

    it("changes extranonce1 unasked and repeats the job", async () => {
      await mining();
      const { sessionKey } = rig.job;
      peer.notify("mining.set_extranonce", "00000002");
      peer.notify("mining.notify", ...notifyParams("1", { clean: true }));
      await peer.settled();
      equal(toHex(rig.job.coinbasePrefix), "010000000002");
      equal(rig.job.sessionKey === sessionKey, false);
      equal(rig.client.health().jobAgeMs, 0);
    });

    it("says the same extranonce1 again, which changes nothing", async () => {
      await mining();
      const { sessionKey } = rig.job;
      peer.notify("mining.set_extranonce", "c19a026b", 4);
      peer.notify("mining.notify", ...notifyParams("2"));
      await peer.settled();
      equal(rig.job.sessionKey, sessionKey);
    });
  });

  describe("AntPool", () => {
    it("grants bits that would make the version illegal, which are not rolled", async () => {
      await mining({ mask: "5fffe000" });
      equal(rig.job.versionMask, 0x1fffe000);
    });

    it("leaves the error out of answers and the id out of notifications", async () => {
      await mining();
      peer.send({ method: "mining.set_difficulty", params: [262_144] });
      peer.send({ method: "mining.notify", params: notifyParams("0xc01490b3b0_184") });
      await peer.settled();
      equal(rig.job.difficulty, 262_144);
      deepEqual(await outcomeOf((id) => ({ id, result: true })), { result: "accepted" });
    });
  });

  describe("Braiins Pool", () => {
    it("refuses a blank password, and gets none", async () => {
      rig = await ClientRig.start({ password: "" });
      const opening = await (await rig.pool.accept()).welcome();
      deepEqual(opening.at(-1)?.params, [USER, "x"]);
    });
  });

  describe("miningcore and others", () => {
    it("speak JSON-RPC 2.0, with ids as text and errors as objects", async () => {
      await mining();
      peer.send({
        ...{ jsonrpc: "2.0", id: null },
        ...{ method: "mining.set_difficulty", params: [9427.960695338843] },
      });
      peer.send({ jsonrpc: "2.0", method: "mining.notify", params: notifyParams("2") });
      await peer.settled();
      equal(rig.job.difficulty, 9427.960695338843);
      const error = { code: 22, message: "Duplicate share" };
      const answer = await outcomeOf((id) => ({ jsonrpc: "2.0", id: String(id), error }));
      deepEqual(answer, { result: "rejected", reason: "duplicate", text: "Duplicate share" });
    });

    it("send difficulties as text", async () => {
      await mining();
      peer.notify("mining.set_difficulty", "16383.75");
      peer.notify("mining.notify", ...notifyParams("2"));
      await peer.settled();
      equal(rig.job.difficulty, 16_383.75);
    });

    it("answer twice, of which the first counts", async () => {
      await mining();
      const outcome = rig.client.submit(rig.share());
      const request = await peer.next();
      peer.answer(request, true);
      peer.answer(request, false, [22, "Duplicate", null]);
      await peer.settled();
      deepEqual(await outcome, { result: "accepted" });
      const { accepted, rejected, unknownReplies } = rig.client.snapshot();
      deepEqual([accepted, rejected, unknownReplies], [1, 0, 1]);
    });

    it("ping", async () => {
      await mining();
      peer.send({ id: 5, method: "mining.ping", params: [] });
      await peer.settled();
      equal(peer.unread, 0);
    });

    it("insert a value into notify", async () => {
      await mining();
      const params = notifyParams("2", { clean: true });
      peer.notify("mining.notify", ...params.slice(0, 8), "extra", true);
      await peer.settled();
      deepEqual([rig.job.jobId, rig.job.clean], ["2", true]);
    });
  });
});
