import { deepEqual, equal, ok } from "node:assert/strict";
import { MAINNET } from "../../../../src/bitcoin/network.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { keySource } from "../../../../src/pool/pool-client.js";
import type { PoolSettings } from "../../../../src/pool/pool-settings.js";
import { type PoolProbeReport, probePool } from "../../../../src/pool/probe/probe-pool.js";
import { notifyParams, type PoolPeer, ScriptedPool } from "../scripted-pool.js";

const PASSWORD = "correct horse battery";
const TIMEOUT_MS = 15_000;
const LISTEN_MS = 1_000;

/** Unix seconds of the manual clock and the same as ntime. */
const NOW_S = 1_700_000_000;
const NTIME = NOW_S.toString(16);

describe("a pool that is tried out", () => {
  const clock = new ManualClock(NOW_S * 1000);
  let pool: ScriptedPool;
  let url: string;

  beforeEach(async () => {
    pool = await ScriptedPool.listen();
    ({ url } = pool);
  });

  afterEach(() => {
    pool.close();
  });

  function probe(hashrateThs?: number): Promise<PoolProbeReport> {
    const settings: PoolSettings = {
      ...{ name: "tried", url, user: "account.worker", password: PASSWORD },
      ...{ network: MAINNET, group: "main", proxy: undefined, redirectHosts: [] },
      tls: { verify: true, caFile: undefined, pins: [] },
      suggestDifficulty: undefined,
    };
    const deps = { clock, nextKey: keySource(), agent: "headframe/0.0.0" };
    return probePool(settings, deps, { timeoutMs: TIMEOUT_MS, hashrateThs });
  }

  /** Gives work and lets the time for more pass. */
  async function giveWork(
    peer: PoolPeer,
    { difficulty = 1024, ntime = NTIME }: { difficulty?: number; ntime?: string } = {},
  ): Promise<void> {
    peer.notify("mining.set_difficulty", difficulty);
    peer.notify("mining.notify", ...notifyParams("7f", { ntime, clean: true }));
    await peer.settled();
    await clock.advance(LISTEN_MS);
  }

  async function welcomed(terms: Parameters<PoolPeer["welcome"]>[0] = {}): Promise<PoolPeer> {
    const peer = await pool.accept();
    await peer.welcome(terms);
    return peer;
  }

  it("is usable when it takes the login and gives work; what it gives is told", async () => {
    const probing = probe(100);
    const peer = await welcomed({ extranonce1: "aabbcc", extranonce2Size: 5 });
    peer.notify("client.show_message", "maintenance\u0007 tonight");
    await giveWork(peer);
    const report = await probing;
    equal(report.isUsable, true);
    deepEqual(report.findings, []);
    equal(report.error, null);
    equal(report.security, "none");
    deepEqual(report.remote, { host: "127.0.0.1", port: pool.port });
    deepEqual([report.connectMs, report.authorizeMs, report.firstWorkMs], [0, 0, 0]);
    equal(report.difficulty, 1024);
    equal(report.shareIntervalS?.toFixed(6), ((1024 * 2 ** 32) / 100e12).toFixed(6));
    equal(report.versionMask, "0x1fffe000");
    deepEqual([report.extranonce1Size, report.extranonce2Size], [3, 5]);
    equal(report.work?.jobId, "7f");
    equal(report.work.ageS, LISTEN_MS / 1000);
    equal(report.work.clean, true);
    equal(report.work.coinbaseBytes, 2 + 3 + 5 + 4);
    deepEqual(report.messages, ["maintenance  tonight"]);
  });

  it("gets no share, is left when it has been seen, and reads no password in the report", async () => {
    const probing = probe();
    const peer = await welcomed();
    await giveWork(peer);
    const report = await probing;
    await peer.closed;
    equal(JSON.stringify(report).includes(PASSWORD), false);
    for (let left = peer.unread; left > 0; left--)
      ok((await peer.next()).method !== "mining.submit");
  });

  it("shows the difficulty that follows a suggestion or the first work", async () => {
    const probing = probe();
    const peer = await welcomed();
    peer.notify("mining.set_difficulty", 16384);
    peer.notify("mining.notify", ...notifyParams("1", { ntime: NTIME }));
    await peer.settled();
    await giveWork(peer, { difficulty: 512 });
    equal((await probing).difficulty, 512);
  });

  it("is unusable when it refuses the login; its words are told", async () => {
    const probing = probe();
    const peer = await pool.accept();
    for (;;) {
      const request = await peer.next();
      if (request.method === "mining.subscribe") peer.answer(request, [[], "aabbccdd", 4]);
      if (request.method !== "mining.authorize") continue;
      peer.answer(request, false, [24, "Unknown address", null]);
      break;
    }
    const report = await probing;
    equal(report.isUsable, false);
    equal(report.findings[0]?.what, "login-refused");
    ok(report.findings[0].text.includes("Unknown address"));
    equal(report.error?.code, "POOL_AUTH_REFUSED");
    equal(report.authorizeMs, null);
  });

  for (const { what, act, connects } of [
    {
      what: "no-work",
      act: async (): Promise<void> => (await welcomed()).settled(),
      connects: true,
    },
    {
      what: "no-answer",
      act: async (): Promise<void> => (await pool.accept()).settled(),
      connects: true,
    },
  ] as const)
    it(`is unusable after the time that it has: ${what}`, async () => {
      const probing = probe();
      await act();
      await clock.advance(TIMEOUT_MS);
      const report = await probing;
      equal(report.isUsable, false);
      equal(report.findings[0]?.what, what);
      equal(report.connectMs !== null, connects);
      equal(report.work, null);
    });

  it("is unusable when nobody listens", async () => {
    pool.close();
    const report = await probe();
    equal(report.isUsable, false);
    equal(report.findings[0]?.what, "no-session");
    equal(report.error?.code, "POOL_UNREACHABLE");
    equal(report.connectMs, null);
  });

  it("is unusable when it speaks something else", async () => {
    const probing = probe();
    (await pool.accept()).send("HTTP/1.1 400 Bad Request");
    const report = await probing;
    equal(report.isUsable, false);
    equal(report.error?.code, "POOL_PROTOCOL");
  });

  it("is tried again without configure when it closes on that, as classic ckpool does", async () => {
    const probing = probe();
    // The client proves it twice.
    for (let proof = 0; proof < 2; proof++) {
      const killed = await pool.accept();
      await killed.next();
      killed.close();
      await welcomed();
    }
    await giveWork(pool.peer);
    const report = await probing;
    equal(report.isUsable, true);
    equal(report.versionMask, "0x00000000");
  });

  for (const { what, severity, terms, work, ths } of [
    {
      what: "difficulty",
      severity: "unusable",
      terms: {},
      work: { difficulty: 2 ** 24 },
      ths: 100,
    },
    { what: "difficulty", severity: "warning", terms: {}, work: { difficulty: 2 ** 21 }, ths: 100 },
    {
      what: "search-space",
      severity: "unusable",
      terms: { extranonce2Size: 0 },
      work: {},
      ths: 300,
    },
    { what: "version-rolling", severity: "warning", terms: { mask: undefined }, work: {}, ths: 1 },
    { what: "version-rolling", severity: "warning", terms: { mask: "00c00000" }, work: {}, ths: 1 },
    {
      ...{ what: "clock", severity: "warning", terms: {}, ths: 1 },
      work: { ntime: (NOW_S - 4000).toString(16) },
    },
  ] as const)
    it(`is found wanting: ${what} (${severity})`, async () => {
      const probing = probe(ths);
      await giveWork(await welcomed(terms), work);
      const report = await probing;
      deepEqual(
        report.findings.map((finding) => [finding.what, finding.severity]),
        [[what, severity]],
      );
      equal(report.isUsable, severity === "warning");
    });

  it("is not judged for share rate and search space without a hash rate", async () => {
    const probing = probe();
    await giveWork(await welcomed({ extranonce2Size: 0 }), { difficulty: 2 ** 40 });
    const report = await probing;
    deepEqual(report.findings, []);
    equal(report.shareIntervalS, null);
  });
});
