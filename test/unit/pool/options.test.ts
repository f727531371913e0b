import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { isMinerError } from "../../../src/lib/errors.js";
import { keySource } from "../../../src/pool/pool-client.js";
import { StratumV1Client } from "../../../src/pool/stratum-v1/stratum-v1-client.js";
import type { StratumV1Options } from "../../../src/pool/stratum-v1/stratum-v1-options.js";
import { makeOpenLink } from "../../../src/pool/transport/stream-link.js";
import { ClientRig } from "./client-rig.js";
import { type PoolPeer, notifyParams } from "./scripted-pool.js";

const MINUTE_MS = 60_000;

describe("suggesting a difficulty", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  let wanted: number | undefined;
  afterEach(() => {
    rig.close();
  });

  const open = async (first: number | undefined): Promise<void> => {
    wanted = first;
    rig = await ClientRig.start({ suggestDifficulty: () => wanted });
    peer = await rig.pool.accept();
    await peer.welcome();
    await peer.settled();
  };

  /** Minutes in which the pool sends new work, as pools do. */
  const minutes = async (count: number): Promise<void> => {
    for (let minute = 0; minute < count; minute += 1) {
      const ntime = (0x6b029ac0 + rig.jobs.length).toString(16);
      peer.notify("mining.notify", ...notifyParams("1", { ntime }));
      await peer.settled();
      await rig.clock.advance(MINUTE_MS);
    }
    await peer.settled();
  };

  for (const [difficulty, params] of [
    [1, [1]],
    [1234.56, [1235]],
    [0.25, [0.25]],
    [1e300, [Number.MAX_SAFE_INTEGER]],
  ] as const)
    it(`sends ${JSON.stringify(params)} for ${difficulty} once the worker is authorized`, async () => {
      await open(difficulty);
      const request = await peer.next();
      deepEqual([request.method, request.params], ["mining.suggest_difficulty", params]);
      equal(rig.client.snapshot().suggestedDifficulty, params[0]);
    });

  it("is left out without version rolling: chips then make nobody knows what", async () => {
    rig = await ClientRig.start({ suggestDifficulty: () => 100 });
    peer = await rig.pool.accept();
    await peer.welcome({ mask: undefined });
    await peer.settled();
    equal(peer.unread, 0);
  });

  it("is left out for a day with a pool that closes on it twice in a row", async () => {
    await open(100);
    for (const pauseMs of [500, 1000]) {
      equal((await peer.next()).method, "mining.suggest_difficulty");
      peer.close();
      await rig.until("waiting");
      await rig.clock.advance(pauseMs);
      peer = await rig.pool.accept();
      await peer.welcome();
      await peer.settled();
    }
    equal(peer.unread, 0);
    equal(rig.client.snapshot().suggestedDifficulty, undefined);
  });

  it("goes on with a pool whose link breaks now and then", async () => {
    await open(100);
    for (const [lastsMs, pauseMs] of [
      [1000, 500],
      [30_000, 1000],
      [1000, 2000],
    ] as const) {
      equal((await peer.next()).method, "mining.suggest_difficulty");
      await rig.clock.advance(lastsMs);
      peer.close();
      await rig.until("waiting");
      await rig.clock.advance(pauseMs);
      peer = await rig.pool.accept();
      await peer.welcome();
      await peer.settled();
    }
    equal((await peer.next()).method, "mining.suggest_difficulty");
  });

  for (const difficulty of [undefined, 0, -1, Number.NaN, Infinity])
    it(`sends nothing for ${difficulty}`, async () => {
      await open(difficulty);
      equal(peer.unread, 0);
      equal(rig.client.snapshot().suggestedDifficulty, undefined);
    });

  it("waits for no answer, and takes any", async () => {
    await open(1000);
    const request = await peer.next();
    peer.notify("mining.notify", ...notifyParams("1"));
    await peer.settled();
    equal(rig.client.snapshot().state, "ready");
    // Seen in others' notes: OCEAN answers with a number.
    peer.answer(request, -3);
    await peer.settled();
    equal(rig.client.snapshot().unknownReplies, 0);
  });

  it("is repeated for a lasting change only, and once in 10 minutes", async () => {
    await open(1000);
    await peer.next();
    wanted = 1499;
    await minutes(15);
    equal(peer.unread, 0);
    wanted = 5000;
    await minutes(2);
    wanted = 1000;
    await minutes(2);
    equal(peer.unread, 0);
    wanted = 1500;
    await minutes(3);
    deepEqual((await peer.next()).params, [1500]);
    wanted = 1200;
    await minutes(9);
    equal(peer.unread, 0);
    await minutes(1);
    deepEqual((await peer.next()).params, [1200]);
  });
});

describe("mining.set_target", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  beforeEach(async () => {
    ({ rig, peer } = await ClientRig.mining());
  });
  afterEach(() => {
    rig.close();
  });

  it("is the exact target of the jobs after it, its difficulty only shown", async () => {
    const targetHex = `00000000ffff${"1".repeat(52)}`;
    const { job: before } = rig;
    peer.notify("mining.set_target", targetHex);
    peer.notify("mining.notify", ...notifyParams("2"));
    await peer.settled();
    equal(rig.job.target, BigInt(`0x${targetHex}`));
    ok(Math.abs(rig.job.difficulty - 1) < 1e-4);
    equal(before.difficulty, 16);
  });

  for (const value of ["0".repeat(64), "f".repeat(65), "xyz", "", 5, null])
    it(`is left alone when it is ${JSON.stringify(value)}`, async () => {
      peer.notify("mining.set_target", value);
      peer.notify("mining.notify", ...notifyParams("2"));
      await peer.settled();
      equal(rig.job.difficulty, 16);
    });

  it("is replaced by a difficulty after it", async () => {
    peer.notify("mining.set_target", "f".repeat(64));
    peer.notify("mining.set_difficulty", 32);
    peer.notify("mining.notify", ...notifyParams("2"));
    await peer.settled();
    equal(rig.job.difficulty, 32);
  });
});

describe("our own lines", () => {
  const options = (changes: Partial<StratumV1Options>): StratumV1Options => ({
    ...{ url: "stratum+tcp://pool.example:3333", user: "a.b", password: "x" },
    ...{ agent: "headframe/0.0.0", network: MAINNET, clock: new ManualClock() },
    ...{ nextKey: keySource(), openLink: makeOpenLink({}), ...changes },
  });

  it("tell of the machine in configure when they may", async () => {
    const info = { hwVersion: "virtual", swVersion: "0.1.0", hwId: "7" };
    const rig = await ClientRig.start({ info });
    const [names, parameters] = (await (await rig.pool.accept()).next()).params ?? [];
    deepEqual(names, ["version-rolling", "subscribe-extranonce", "info"]);
    deepEqual(parameters, {
      "version-rolling.mask": "1fffe000",
      "version-rolling.min-bit-count": 2,
      "info.connection-url": rig.pool.url,
      "info.hw-version": "virtual",
      "info.sw-version": "0.1.0",
      "info.hw-id": "7",
    });
    rig.close();
  });

  it("stay below 1024 bytes with the longest user and agent that are taken", async () => {
    const user = "u".repeat(580);
    const agent = "a".repeat(800);
    const rig = await ClientRig.start({ user, agent });
    const peer = await rig.pool.accept();
    const opening = await peer.welcome({ sessionId: "f".repeat(128), extranonce2Size: 32 });
    const jobId = "j".repeat(254);
    peer.notify("mining.notify", ...notifyParams(jobId));
    await peer.settled();
    void rig.client.submit(rig.share());
    const submit = await peer.next();
    equal(submit.params?.[1], jobId);
    for (const line of [...opening, submit]) ok(JSON.stringify(line).length < 1023);
    rig.close();
  });

  for (const [field, changes] of [
    ["user", { user: "u".repeat(700) }],
    ["agent", { agent: "a".repeat(850) }],
    ["password", { password: "p".repeat(1000) }],
    ["info", { info: { hwId: "h".repeat(900) } }],
    // Three bytes each, as UTF-8.
    ["user", { user: "\u20bf".repeat(250) }],
  ] as const)
    it(`are refused when the ${field} would make one too long`, () => {
      throws(
        () => new StratumV1Client(options(changes)),
        (error) =>
          isMinerError(error, "POOL_LOGIN_TOO_LONG") &&
          error.context["field"] === field &&
          !error.message.includes("ppp"),
      );
    });

  it("do not repeat an id of a pool that is too long", async () => {
    const { rig, peer } = await ClientRig.mining();
    peer.send({ id: "i".repeat(65), method: "client.get_version", params: [] });
    peer.send({ id: "i".repeat(64), method: "client.get_version", params: [] });
    equal((await peer.next()).id, "i".repeat(64));
    rig.close();
  });
});
