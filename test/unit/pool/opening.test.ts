import { deepEqual, equal, ok } from "node:assert/strict";
import { isMinerError } from "../../../src/lib/errors.js";
import type { Link, OpenLink } from "../../../src/pool/transport/link.js";
import { ClientRig, PASSWORD, USER } from "./client-rig.js";
import { notifyParams } from "./scripted-pool.js";

describe("opening a Stratum V1 session", () => {
  let rig: ClientRig;
  afterEach(() => {
    rig.close();
  });

  it("sends configure, subscribe and authorize at once, in that order", async () => {
    rig = await ClientRig.start();
    const peer = await rig.pool.accept();
    deepEqual(await peer.next(), {
      id: 1,
      method: "mining.configure",
      params: [
        ["version-rolling", "subscribe-extranonce"],
        { "version-rolling.mask": "1fffe000", "version-rolling.min-bit-count": 2 },
      ],
    });
    deepEqual(await peer.next(), {
      id: 2,
      method: "mining.subscribe",
      params: ["headframe/0.0.0"],
    });
    deepEqual(await peer.next(), { id: 3, method: "mining.authorize", params: [USER, PASSWORD] });
  });

  it("sends x for an empty password", async () => {
    rig = await ClientRig.start({ password: "" });
    const requests = await (await rig.pool.accept()).welcome();
    deepEqual(requests.at(-1)?.params, [USER, "x"]);
  });

  it("asks for extranonce changes after authorize when the url says xnsub", async () => {
    rig = await ClientRig.start({}, "/#xnsub");
    const peer = await rig.pool.accept();
    await peer.welcome();
    const request = await peer.next();
    equal(request.method, "mining.extranonce.subscribe");
    peer.answer(request, null, [20, "Not supported.", null]);
    await peer.settled();
    equal(rig.client.snapshot().unknownReplies, 0);
  });

  it("keeps a job back until the worker is authorized", async () => {
    rig = await ClientRig.start();
    const peer = await rig.pool.accept();
    const [configure, subscribe, authorize] = [
      await peer.next(),
      await peer.next(),
      await peer.next(),
    ];
    peer.answer(subscribe, [[], "c19a026b", 4]);
    peer.answer(configure, { "version-rolling": true, "version-rolling.mask": "1fffe000" });
    peer.notify("mining.notify", ...notifyParams("1"));
    await peer.settled();
    equal(rig.jobs.length, 0);
    equal(rig.client.snapshot().state, "opening");
    peer.answer(authorize, true);
    await peer.settled();
    equal(rig.job.jobId, "1");
    equal(rig.job.clean, true);
    equal(rig.job.versionMask, 0x1fffe000);
    equal(rig.client.snapshot().state, "ready");
  });

  it("waits 10 s for configure and no longer, and takes a late answer", async () => {
    rig = await ClientRig.start();
    const peer = await rig.pool.accept();
    const [configure, subscribe, authorize] = [
      await peer.next(),
      await peer.next(),
      await peer.next(),
    ];
    peer.answer(subscribe, [[], "c19a026b", 4]);
    peer.answer(authorize, true);
    peer.notify("mining.notify", ...notifyParams("1"));
    await peer.settled();
    await rig.clock.advance(9_999);
    equal(rig.jobs.length, 0);
    await rig.clock.advance(1);
    equal(rig.job.versionMask, 0);
    peer.answer(configure, { "version-rolling": true, "version-rolling.mask": "ffffffff" });
    await peer.settled();
    equal(rig.job.versionMask, 0x1fffe000);
    equal(rig.jobs.length, 2);
    equal(rig.job.clean, false);
  });

  for (const missing of ["mining.subscribe", "mining.authorize"])
    it(`gives up when ${missing} is not answered for 30 s`, async () => {
      rig = await ClientRig.start();
      const peer = await rig.pool.accept();
      for (let count = 0; count < 3; count += 1) {
        const request = await peer.next();
        if (request.method === missing) continue;
        peer.answer(request, request.method === "mining.subscribe" ? [[], "00", 4] : true);
      }
      await peer.settled();
      await rig.clock.advance(29_999);
      equal(rig.client.snapshot().state, "opening");
      await rig.clock.advance(1);
      equal(rig.client.snapshot().state, "waiting");
      ok(isMinerError(rig.client.snapshot().lastError, "POOL_SILENT"));
      await peer.closed;
    });

  it("closes when extranonce sizes are beyond what it works with", async () => {
    rig = await ClientRig.start();
    const peer = await rig.pool.accept();
    await peer.next();
    peer.answer(await peer.next(), [[], "00".repeat(65), 4]);
    await peer.closed;
    ok(isMinerError(rig.client.snapshot().lastError, "POOL_PROTOCOL"));
  });

  it("tries a refused login no sooner than after 60 s, and says why", async () => {
    rig = await ClientRig.start();
    const peer = await rig.pool.accept();
    await peer.next();
    await peer.next();
    peer.answer(await peer.next(), false, "Invalid\u0007 address");
    await peer.closed;
    const { lastError } = rig.client.snapshot();
    ok(isMinerError(lastError, "POOL_AUTH_REFUSED"));
    equal(lastError.context["poolText"], "Invalid  address");
    await rig.clock.advance(59_999);
    equal(rig.client.snapshot().state, "waiting");
    await rig.clock.advance(1);
    await rig.pool.accept();
  });

  it("gives up on a connection that takes more than 8 s", async () => {
    const close = (): undefined => undefined;
    const write = (): boolean => true;
    const link: Link = { security: "none", remote: undefined, write, close, setReading: close };
    const neverOpen: OpenLink = () => link;
    rig = await ClientRig.start({ openLink: neverOpen });
    equal(rig.client.snapshot().state, "connecting");
    await rig.clock.advance(7_999);
    equal(rig.client.snapshot().state, "connecting");
    await rig.clock.advance(1);
    equal(rig.client.snapshot().state, "waiting");
    ok(isMinerError(rig.client.snapshot().lastError, "POOL_UNREACHABLE"));
  });

  it("never shows the password", async () => {
    rig = await ClientRig.start();
    const peer = await rig.pool.accept();
    await peer.welcome();
    peer.send("HTTP/1.1 400 Bad Request");
    await peer.closed;
    const shown = JSON.stringify([rig.notices, rig.errors, rig.client.snapshot()], (_, value) =>
      value instanceof Error ? `${String(value)} ${JSON.stringify(value)}` : (value as unknown),
    );
    ok(shown.includes("400 Bad Request"));
    ok(!shown.includes(PASSWORD));
  });
});
