import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { isMinerError } from "../../../src/lib/errors.js";
import { createPoolClient } from "../../../src/pool/create-pool-client.js";
import { type PoolClient, type PoolState, keySource } from "../../../src/pool/pool-client.js";
import type { PoolSettings } from "../../../src/pool/pool-settings.js";
import { makeSelfSigned } from "../../certificates.js";
import { SocksProxy } from "../../socks-proxy.js";
import { PoolPeer } from "./scripted-pool.js";
import { type TestServer, listen, listenTls } from "./transport/servers.js";

const SETTINGS: PoolSettings = {
  name: "first",
  url: "stratum+tcp://pool.example:3333",
  user: "account.worker",
  password: "x",
  network: MAINNET,
  group: "main",
  tls: { verify: true, caFile: undefined, pins: [] },
  proxy: undefined,
  redirectHosts: [],
  suggestDifficulty: undefined,
};

describe("a pool client made from settings", () => {
  let clock: ManualClock;
  let client: PoolClient | undefined;
  const servers: (TestServer | SocksProxy)[] = [];
  beforeEach(() => {
    clock = new ManualClock();
  });
  afterEach(() => {
    client?.stop();
    client = undefined;
    for (const server of servers.splice(0)) server.close();
  });

  const make = (changes: Partial<PoolSettings>): PoolClient => {
    client = createPoolClient(
      { ...SETTINGS, ...changes },
      { clock, nextKey: keySource(), agent: "headframe/0.0.0", random: () => 0 },
    );
    return client;
  };
  const until = (pool: PoolClient, state: PoolState): Promise<void> =>
    new Promise((resolve) => {
      pool.on("state", (now) => {
        if (now === state) resolve();
      });
    });

  it("opens a session over TLS through a proxy", async () => {
    const certificate = await makeSelfSigned({});
    let meet: (peer: PoolPeer) => void = () => undefined;
    const met = new Promise<PoolPeer>((resolve) => (meet = resolve));
    const server = await listenTls(certificate, {}, "127.0.0.1", (socket) => {
      meet(new PoolPeer(socket));
    });
    const proxy = await SocksProxy.listen({ resolve: () => "127.0.0.1" });
    servers.push(server, proxy);
    const pool = make({
      url: `stratum+ssl://pool.example:${server.port}`,
      tls: { ...SETTINGS.tls, pins: [certificate.sha256] },
      proxy: `socks5://127.0.0.1:${proxy.port}`,
    });
    pool.start();
    const peer = await met;
    await peer.welcome();
    await peer.settled();
    const { name, security, remote } = pool.snapshot();
    deepEqual([name, security, remote?.port], ["first", "pinned", proxy.port]);
  });

  it("gives up on a pool that never answers the TLS handshake", async () => {
    let hello: () => void = () => undefined;
    let end: () => void = () => undefined;
    const greeted = new Promise<void>((resolve) => (hello = resolve));
    const ended = new Promise<void>((resolve) => (end = resolve));
    const server = await listen((socket) => {
      socket.once("data", hello);
      socket.once("close", end);
    });
    servers.push(server);
    const pool = make({ url: `stratum+ssl://127.0.0.1:${server.port}` });
    pool.start();
    await greeted;
    await clock.advance(7_999);
    equal(pool.snapshot().state, "connecting");
    await clock.advance(1);
    equal(pool.snapshot().state, "waiting");
    ok(isMinerError(pool.snapshot().lastError, "POOL_UNREACHABLE"));
    await ended;
  });

  it("keeps the reason of a refused certificate", async () => {
    const server = await listenTls(await makeSelfSigned({}));
    servers.push(server);
    const pool = make({ url: `stratum+ssl://127.0.0.1:${server.port}` });
    const waiting = until(pool, "waiting");
    pool.start();
    await waiting;
    const { lastError } = pool.snapshot();
    deepEqual(
      [lastError?.code, lastError?.context["reason"]],
      ["POOL_TLS_REFUSED", "unknown issuer: CN=Test pool"],
    );
  });

  describe("is refused", () => {
    let dir: string;
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), "pool-settings-"));
    });
    afterEach(() => {
      rmSync(dir, { recursive: true });
    });
    const tls = (changes: Partial<PoolSettings["tls"]>): Partial<PoolSettings> => ({
      url: "stratum+ssl://pool.example:443",
      tls: { ...SETTINGS.tls, ...changes },
    });
    const refuses = (changes: Partial<PoolSettings>, code: string, field: string): void => {
      throws(
        () => make(changes),
        (error) => isMinerError(error) && error.code === code && error.context["field"] === field,
      );
    };

    it("with a wrong url", () => {
      refuses({ url: "stratum+tcp://pool.example" }, "POOL_URL_INVALID", "port");
    });

    it("with a wrong proxy", () => {
      refuses({ proxy: "http://proxy.example:3128" }, "POOL_PROXY_INVALID", "scheme");
    });

    it("with a malformed pin", () => {
      refuses(tls({ pins: ["ab".repeat(31)] }), "POOL_TLS_INVALID", "pins");
      refuses(tls({ pins: ["zz".repeat(32)] }), "POOL_TLS_INVALID", "pins");
    });

    it("with a file of authorities that is away or holds none", () => {
      refuses(tls({ caFile: join(dir, "away.pem") }), "POOL_TLS_INVALID", "caFile");
      const file = join(dir, "authority.pem");
      writeFileSync(file, "no certificate");
      refuses(tls({ caFile: file }), "POOL_TLS_INVALID", "caFile");
      writeFileSync(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
      refuses(tls({ caFile: file }), "POOL_TLS_INVALID", "caFile");
    });

    it("with pins or authorities that a plain url would not use", () => {
      const { url } = SETTINGS;
      refuses({ ...tls({ pins: ["ab".repeat(32)] }), url }, "POOL_TLS_INVALID", "pins");
      refuses({ ...tls({ caFile: "authority.pem" }), url }, "POOL_TLS_INVALID", "caFile");
    });
  });
});
