import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertDescribed, OPERATIONS } from "../unit/api/http/described.js";
import { assertForeignPagesPowerless } from "./browser/foreign-pages.js";
import { hasChromium } from "./browser/chromium.js";
import { runCgminerDocs, runHttpDocs } from "./http-docs.js";
import { hostileBytes, slowClients, type SlowClients } from "./http-hostile.js";
import { assertScraped, hasPrometheus } from "./http-prometheus.js";
import { assertTls, makeTlsFiles, type TlsFiles } from "./http-tls.js";
import { assertBuilt } from "./program.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";

/** Of the port of cgminer: no other test uses it. */
const CGMINER_HOST = "127.40.28.5";
const NAME = "miner-7.lan";
const PATHS: Readonly<Record<string, string>> = {
  "/boards/{slot}": "/boards/0",
  "/boards/{slot}/chips": "/boards/0/chips",
};
/** Of buffers that the collector has not been asked to return. */
const RSS_NOISE_MB = 12;

describe("a controller with HTTP", function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "headframe-http-"));
  let rig: Rig;
  let tls: TlsFiles;
  let port: number;
  let tlsPort: number;
  let authorization = "";
  let slow: SlowClients | undefined;

  before(async () => {
    assertBuilt();
    tls = await makeTlsFiles(folder);
    const { certFile, keyFile } = tls;
    const http = {
      port: 0,
      address: "127.0.0.1",
      hosts: [NAME],
      tls: { certFile, keyFile, port: 0 },
    };
    rig = new Rig({ config: { http, cgminer: { listen: CGMINER_HOST } } });
    await rig.start();
    await rig.untilMining();
    const line = await until(
      () => rig.controller.stderr.split("\n").find((each) => each.includes("HTTP listens")),
      { what: "HTTP listens", facts: () => rig.controller.stderr },
    );
    const { ports } = JSON.parse(line) as { ports: [number, number] };
    [port, tlsPort] = ports;
  });

  afterEach(function () {
    if (this.currentTest?.state === "failed") process.stderr.write(`${rig.report()}\n`);
  });

  after(async () => {
    slow?.stop();
    await rig.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization, ...(init.headers as Record<string, string>) };
    return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
  }

  /** What nobody without authority may change. */
  async function settings(): Promise<unknown> {
    const { state, process } = (await rig.status())!;
    return {
      ...{ is: state.is, order: state.order, points: state.setPoints, pid: process.pid },
      config: readFileSync(rig.configFile, "utf8"),
      access: readFileSync(join(rig.dataDir, "http-access.json"), "utf8"),
    };
  }

  it("does what the documents say", async () => {
    equal((await ask("/api/v1/status")).status, 401);
    const { printed, token } = runHttpDocs(port, rig.dataDir);
    authorization = `Bearer ${token}`;
    match(printed, /event: snapshot\ndata: \{/);
    match(printed, /miner_hashes_total/);
    match(printed, /"needsRestart":true/);
    match(printed, /"path":"freqMHz","min":/);
    const { noPool } = JSON.parse(readFileSync(rig.configFile, "utf8")) as { noPool: string };
    equal(noPool, "keepWarm");
    const [text = "", json = ""] = runCgminerDocs(CGMINER_HOST);
    match(text, /^STATUS=S.*SUMMARY/);
    match(json, /"STATS".*"POOLS"/s);
    slow = slowClients(port, "127.0.2.250");
  });

  it("answers on the wire as it is described", async () => {
    for (const operation of OPERATIONS.filter(({ method }) => method === "get")) {
      const reply = await ask(`/api/v1${PATHS[operation.path] ?? operation.path}`);
      equal(reply.status, 200, operation.path);
      await assertDescribed(operation, reply);
    }
    const change = OPERATIONS.find(({ method }) => method === "patch")!;
    const before = await settings();
    const patch = (headers: Record<string, string>, body: string): Promise<Response> =>
      ask("/api/v1/config", {
        ...{ method: "PATCH", body },
        headers: { "content-type": "application/json", ...headers },
      });
    const stale = await patch({ "if-match": '"0000000000000000"' }, '{"noPool":"stop"}');
    equal(stale.status, 412);
    await assertDescribed(change, stale);
    for (const body of [
      '{"freqMHz":1e9}',
      '{"nosuch":1}',
      '{"machine":"nosuch"}',
      '{"pools":[]}',
    ]) {
      const wrong = await patch({}, body);
      equal(wrong.status, 422, body);
      await assertDescribed(change, wrong);
    }
    deepEqual(await settings(), before);
  });

  it("changes nothing for those who mean harm, and goes on", async () => {
    const before = await settings();
    const rssMb = (await rig.status())!.process.rssMb;
    await hostileBytes(port);
    deepEqual(await settings(), before);
    // More than one address may hold were closed at once, and there is room for others.
    ok((slow?.held() ?? 0) <= 16, `${String(slow?.held())} slow clients are held`);
    equal((await ask("/health")).status, 200);
    const grownMb = (await rig.status())!.process.rssMb - rssMb;
    ok(grownMb < RSS_NOISE_MB, `${grownMb} MB more`);
  });

  it("speaks TLS with those who trust it, and nothing older than 1.2", async () => {
    await assertTls(tlsPort, port, tls);
    equal((await ask("/health")).status, 200);
  });

  it("lets no page of another origin change anything", async function () {
    if (!hasChromium()) {
      this.test!.title += " (skipped, Debian's chromium is not installed)";
      this.skip();
    }
    await rig.until("it mines", ({ state }) => state.is === "hashing");
    await assertForeignPagesPowerless(port, NAME, async () => {
      const { order } = (await rig.status())!.state;
      return { ...((await settings()) as object), is: null, order };
    });
  });

  it("is scraped by Prometheus", async function () {
    if (!hasPrometheus()) {
      this.test!.title += " (skipped, Debian's prometheus is not installed)";
      this.skip();
    }
    await assertScraped(port, authorization);
  });

  it("has let go of clients that take their time, and ends well", async () => {
    await slow?.closed;
    equal(await rig.controller.stop(), 0);
  });
});
