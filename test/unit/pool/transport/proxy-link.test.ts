import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { isMinerError } from "../../../../src/lib/errors.js";
import type { Endpoint } from "../../../../src/pool/transport/link.js";
import { parseProxyUrl } from "../../../../src/pool/transport/proxy-url.js";
import { makeOpenLink } from "../../../../src/pool/transport/stream-link.js";
import { TlsTrust } from "../../../../src/pool/transport/tls-trust.js";
import { makeSelfSigned } from "../../../certificates.js";
import { SOCKS_REPLY, SocksProxy, type SocksProxyOptions } from "../../../socks-proxy.js";
import { LinkProbe } from "./link-probe.js";
import { type TestServer, hasIpv6, listen, listenTls } from "./servers.js";

const LOGIN = { user: "ann:e", password: "p@ss/w%rd" };
const SECRETS = [LOGIN.password, encodeURIComponent(LOGIN.password)];

describe("a link through a SOCKS5 proxy", () => {
  const servers: (TestServer | SocksProxy)[] = [];
  const probes: LinkProbe[] = [];
  afterEach(() => {
    for (const probe of probes.splice(0)) probe.link.close();
    for (const server of servers.splice(0)) server.close();
  });

  const startProxy = async (options: SocksProxyOptions = {}): Promise<SocksProxy> => {
    const proxy = await SocksProxy.listen({ resolve: () => "127.0.0.1", ...options });
    servers.push(proxy);
    return proxy;
  };
  const echo = async (host?: string): Promise<TestServer> => {
    const server = await listen((socket) => socket.pipe(socket), host);
    servers.push(server);
    return server;
  };
  const open = (
    proxyPort: number,
    endpoint: Endpoint,
    login?: typeof LOGIN,
    tls?: TlsTrust,
  ): LinkProbe => {
    const words = login && [login.user, login.password].map(encodeURIComponent).join(":");
    const proxy = parseProxyUrl(
      `socks5://${words === undefined ? "" : `${words}@`}127.0.0.1:${proxyPort}`,
    );
    const probe = new LinkProbe(makeOpenLink({ proxy, tls }), endpoint);
    probes.push(probe);
    return probe;
  };
  const failure = async (probe: LinkProbe): Promise<unknown> => {
    const error = await probe.closed;
    equal(error.code, "POOL_PROXY_FAILED");
    const shown = JSON.stringify([error.message, error.context, error.stack, error.cause]);
    for (const secret of SECRETS) ok(!shown.includes(secret));
    return error.context["reason"];
  };

  it("lets the proxy resolve the name, and says where its bytes go first", async () => {
    const proxy = await startProxy();
    const { port } = await echo();
    const probe = open(proxy.port, { host: "pool.example", port });
    await probe.opened;
    deepEqual(proxy.targets, [`pool.example:${port}`]);
    deepEqual(probe.link.remote, { host: "127.0.0.1", port: proxy.port });
    probe.link.write("line\n");
    await probe.reads("line\n");
  });

  it("hears a pool that speaks first", async () => {
    const proxy = await startProxy();
    const server = await listen((socket) => socket.write("welcome\n"));
    servers.push(server);
    const probe = open(proxy.port, { host: "pool.example", port: server.port });
    await probe.reads("welcome\n");
  });

  it("sends IPv6 addresses as such", async function () {
    if (!(await hasIpv6())) this.skip();
    const proxy = await startProxy({ resolve: () => "::1" });
    const { port } = await echo("::1");
    await open(proxy.port, { host: "::1", port }).opened;
    deepEqual(proxy.targets, [`0000:0000:0000:0000:0000:0000:0000:0001:${port}`]);
  });

  it("gives user and password to a proxy that wants them", async () => {
    const proxy = await startProxy({ login: LOGIN });
    const { port } = await echo();
    await open(proxy.port, { host: "pool.example", port }, LOGIN).opened;
  });

  it("carries TLS to the pool, checked against the pool's name or pin", async () => {
    const certificate = await makeSelfSigned({ names: ["pool.example"] });
    const server = await listenTls(certificate);
    servers.push(server);
    const proxy = await startProxy();
    const endpoint = { host: "pool.example", port: server.port };
    const pinned = new TlsTrust({ verify: true, caFile: undefined, pins: [certificate.sha256] });
    const probe = open(proxy.port, endpoint, undefined, pinned);
    await probe.opened;
    equal(probe.link.security, "pinned");
    probe.link.write("line\n");
    await probe.reads("line\n");
    const strict = new TlsTrust({ verify: true, caFile: undefined, pins: [] });
    const error = await open(proxy.port, endpoint, undefined, strict).closed;
    equal(error.code, "POOL_TLS_REFUSED");
  });

  for (const [title, options, login, reason] of [
    ["its rules", { reply: SOCKS_REPLY.notAllowed }, undefined, "the proxy's rules forbid it"],
    [
      "an unknown name",
      { reply: SOCKS_REPLY.hostUnreachable },
      undefined,
      "pool: host unreachable or name unknown",
    ],
    ["a refusing pool", { reply: SOCKS_REPLY.refused }, undefined, "pool: connection refused"],
    [
      "a missing login",
      { login: LOGIN },
      undefined,
      "the proxy wants another login: user and password, or none",
    ],
    [
      "a wrong login",
      { login: { ...LOGIN, password: "other" } },
      LOGIN,
      "user or password refused",
    ],
  ] as const)
    it(`tells that the proxy refused for ${title}`, async () => {
      const proxy = await startProxy(options);
      equal(await failure(open(proxy.port, { host: "pool.example", port: 3333 }, login)), reason);
    });

  it("tells that the proxy is away, hangs up or is none", async () => {
    const gone = await listen(() => undefined);
    gone.close();
    const endpoint = { host: "pool.example", port: 3333 };
    equal(await failure(open(gone.port, endpoint, LOGIN)), "connection refused");
    const rude = await listen((socket) => {
      socket.destroySoon();
    });
    const web = await listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    servers.push(rude, web);
    equal(await failure(open(rude.port, endpoint, LOGIN)), "closed by the proxy");
    equal(await failure(open(web.port, endpoint, LOGIN)), "not a SOCKS5 proxy");
  });

  it("ends when it is closed while the proxy says nothing", async () => {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    let hello: () => void = () => undefined;
    const greeted = new Promise<void>((resolve) => (hello = resolve));
    const silent = await listen((socket) => {
      socket.once("data", hello);
      socket.once("close", end);
    });
    servers.push(silent);
    const probe = open(silent.port, { host: "pool.example", port: 3333 });
    await greeted;
    probe.link.close();
    await ended;
  });
});

describe("the address of a proxy", () => {
  it("may have a login and an IPv6 address", () => {
    deepEqual(parseProxyUrl("socks5://ann%3Ae:p%40ss%2Fw%25rd@[2001:db8::1]:1080"), {
      host: "2001:db8::1",
      port: 1080,
      login: { user: "ann:e", password: "p@ss/w%rd" },
    });
    deepEqual(parseProxyUrl("SOCKS5H://proxy.example:9050"), {
      host: "proxy.example",
      port: 9050,
      login: undefined,
    });
  });

  for (const [url, field] of [
    ["", "scheme"],
    ["http://proxy.example:1080", "scheme"],
    ["socks4://proxy.example:1080", "scheme"],
    ["socks5://:1080", "host"],
    ["socks5://pro xy:1080", "host"],
    ["socks5://-a:1080", "host"],
    ["socks5://proxy.example", "port"],
    ["socks5://proxy.example:0", "port"],
    ["socks5://proxy.example:70000", "host"],
    ["socks5://proxy.example:1080/path", "path"],
    ["socks5://proxy.example:1080?a=secret", "path"],
    ["socks5://user@proxy.example:1080", "credentials"],
    ["socks5://user:secr%zz@proxy.example:1080", "credentials"],
    [`socks5://user:secret${"x".repeat(255)}@proxy.example:1080`, "credentials"],
  ] as const)
    it(`is refused for its ${field}: "${url.slice(0, 50)}"`, () => {
      throws(
        () => parseProxyUrl(url),
        (error) =>
          isMinerError(error, "POOL_PROXY_INVALID") &&
          error.context["field"] === field &&
          !error.message.includes("secr"),
      );
    });
});
