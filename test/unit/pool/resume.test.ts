import { deepEqual, equal } from "node:assert/strict";
import { ClientRig } from "./client-rig.js";
import type { ClientLine, PoolPeer } from "./scripted-pool.js";

const AGENT = "headframe/0.0.0";

describe("resuming a Stratum V1 session", () => {
  let rig: ClientRig;
  let peer: PoolPeer;
  beforeEach(async () => {
    ({ rig, peer } = await ClientRig.mining({ sessionId: "5e55.10" }));
  });
  afterEach(() => {
    rig.close();
  });

  const lose = async (pauseMs = 500): Promise<void> => {
    peer.close();
    await rig.until("waiting");
    await rig.clock.advance(pauseMs);
  };

  /** The subscription of the next connection, which is not answered yet. */
  const subscription = async (): Promise<{ next: PoolPeer; subscribe: ClientLine }> => {
    const next = await rig.pool.accept();
    for (;;) {
      const request = await next.next();
      if (request.method === "mining.subscribe") return { next, subscribe: request };
    }
  };

  it("asks for the session that broke", async () => {
    await lose();
    deepEqual((await subscription()).subscribe.params, [AGENT, "5e55.10"]);
  });

  it("sends the shares found meanwhile where the extranonce1 is the same", async () => {
    const share = rig.share();
    peer.close();
    await rig.until("waiting");
    const held = rig.client.submit(share);
    equal(rig.client.snapshot().held, 1);
    await rig.clock.advance(500);
    const next = await rig.pool.accept();
    await next.welcome({ sessionId: "5e55.10" });
    next.answer(await next.next(), true);
    deepEqual(await held, { result: "accepted" });
    const { sessionResumed, held: stillHeld } = rig.client.snapshot();
    deepEqual([sessionResumed, stillHeld], [1, 0]);
  });

  it("drops and counts them where it is another", async () => {
    const share = rig.share();
    peer.close();
    await rig.until("waiting");
    const held = rig.client.submit(share);
    await rig.clock.advance(500);
    await (await rig.pool.accept()).welcome({ extranonce1: "00000001" });
    deepEqual(await held, { result: "dropped", reason: "old-session" });
    const { sessionResumed, dropReasons } = rig.client.snapshot();
    deepEqual([sessionResumed, dropReasons["old-session"]], [0, 1]);
  });

  it("is not tried after 10 minutes", async () => {
    peer.close();
    await rig.until("waiting");
    const { port } = rig.pool;
    rig.pool.close();
    await rig.clock.advance(599_000);
    equal(rig.client.snapshot().state === "stopped", false);
    await rig.reopen(port);
    await rig.clock.advance(61_000);
    deepEqual((await subscription()).subscribe.params, [AGENT]);
  });

  it("is not tried after a stop by choice", async () => {
    rig.client.stop();
    rig.client.start();
    deepEqual((await subscription()).subscribe.params, [AGENT]);
  });

  it("is left out at once when the pool refuses it, and the refused login with it", async () => {
    await lose();
    const { next, subscribe } = await subscription();
    next.answer(await next.next(), false, "Failed subscription");
    next.answer(subscribe, null, [20, "Unknown session", null]);
    await next.closed;
    const again = await subscription();
    deepEqual(again.subscribe.params, [AGENT]);
    equal(rig.client.health().failuresInARow, 1);
  });

  it("is left out at once when the pool closes on it, with configure as before", async () => {
    await lose();
    (await subscription()).next.close();
    const again = await rig.pool.accept();
    equal((await again.next()).method, "mining.configure");
    deepEqual((await again.next()).params, [AGENT]);
  });

  it("takes a login refused for other reasons seriously", async () => {
    await lose();
    const { next, subscribe } = await subscription();
    next.answer(await next.next(), false, "Banned");
    next.answer(subscribe, [[], "c19a026b", 4]);
    await next.closed;
    equal(rig.client.snapshot().lastError?.code, "POOL_AUTH_REFUSED");
  });

  for (const [title, subscriptions, expected] of [
    ["one pair", ["mining.notify", "a1"], "a1"],
    [
      "a list of pairs",
      [
        ["mining.set_difficulty", "d"],
        ["mining.notify", "a1"],
      ],
      "a1",
    ],
    ["nothing", [], undefined],
    ["null", null, undefined],
    ["an empty id", [["mining.notify", ""]], undefined],
    ["an id too long for our lines", [["mining.notify", "f".repeat(129)]], undefined],
    ["an id that is no word", [["mining.notify", 'a"\\']], undefined],
  ] as const)
    it(`finds the session id in ${title}`, async () => {
      rig.close();
      rig = await ClientRig.start();
      peer = await rig.pool.accept();
      const requests = [await peer.next(), await peer.next(), await peer.next()] as const;
      peer.answer(requests[1], [subscriptions, "00", 4]);
      peer.answer(requests[0], { "version-rolling": false });
      peer.answer(requests[2], true);
      await peer.settled();
      await lose();
      const params = expected === undefined ? [AGENT] : [AGENT, expected];
      deepEqual((await subscription()).subscribe.params, params);
    });
});
