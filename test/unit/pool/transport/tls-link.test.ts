import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsOptions } from "node:tls";
import type { TlsSettings } from "../../../../src/pool/pool-settings.js";
import type { OpenLink } from "../../../../src/pool/transport/link.js";
import { makeOpenLink } from "../../../../src/pool/transport/stream-link.js";
import { TlsTrust } from "../../../../src/pool/transport/tls-trust.js";
import {
  type CertificateWish,
  type TestAuthority,
  type TestCertificate,
  makeAuthority,
  makeSelfSigned,
} from "../../../certificates.js";
import { LinkProbe, fixedLookup } from "./link-probe.js";
import { type TestServer, hasIpv6, listen, listenTls } from "./servers.js";

const HOST = "pool.example";
const DAY_MS = 24 * 60 * 60 * 1000;
const LONG_AGO = new Date("2026-01-01T00:00:00Z");

describe("a TLS link", () => {
  let dir: string;
  let caFile: string;
  let authority: TestAuthority;
  let good: TestCertificate;
  const servers: TestServer[] = [];
  const probes: LinkProbe[] = [];

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "tls-link-"));
    caFile = join(dir, "authority.pem");
    authority = await makeAuthority();
    writeFileSync(caFile, authority.certPem);
    good = await authority.issue({ names: [HOST], ips: ["127.0.0.1", "::1"] });
  });
  afterEach(() => {
    for (const probe of probes.splice(0)) probe.link.close();
    for (const server of servers.splice(0)) server.close();
  });
  after(() => {
    rmSync(dir, { recursive: true });
  });

  const keep = async (server: Promise<TestServer>): Promise<TestServer> => {
    servers.push(await server);
    return server;
  };
  const trusting = (tls: Partial<TlsSettings> = {}): OpenLink =>
    makeOpenLink({
      tls: new TlsTrust({ verify: true, caFile, pins: [], ...tls }),
      lookup: fixedLookup("127.0.0.1"),
    });
  const open = (port: number, tls: Partial<TlsSettings> = {}, host = HOST): LinkProbe => {
    const probe = new LinkProbe(trusting(tls), { host, port });
    probes.push(probe);
    return probe;
  };
  /** Opens a link to a server with `certificate` and sends a line there and back. */
  const use = async (
    certificate: TestCertificate,
    tls: Partial<TlsSettings> = {},
    host = HOST,
  ): Promise<LinkProbe> => {
    const { port } = await keep(listenTls(certificate));
    const probe = open(port, tls, host);
    await probe.opened;
    probe.link.write("line\n");
    await probe.reads("line\n");
    return probe;
  };
  /** The reason for which a server's certificate, or its TLS, is refused. */
  const refusal = async (
    certificate: TestCertificate,
    tls: Partial<TlsSettings> = {},
    options: TlsOptions = {},
    host = HOST,
  ): Promise<string> => {
    const { port } = await keep(listenTls(certificate, options));
    const error = await open(port, tls, host).closed;
    deepEqual([error.code, error.context["host"]], ["POOL_TLS_REFUSED", host]);
    return String(error.context["reason"]);
  };

  it("is verified when a trusted authority vouches for the name", async () => {
    const { link } = await use(good);
    equal(link.security, "verified");
    equal(link.remote?.host, "127.0.0.1");
  });

  it("names the host it wants, and sends no address as a name", async () => {
    const seen: unknown[] = [];
    const { port } = await keep(
      listenTls(good, {}, "127.0.0.1", (socket) => seen.push(socket.servername)),
    );
    await open(port).opened;
    const byAddress = open(port, {}, "127.0.0.1");
    await byAddress.opened;
    for (const [index, name] of [HOST, false].entries()) {
      while (seen.length <= index) await new Promise(setImmediate);
      equal(seen[index], name);
    }
  });

  it("compares an address with the addresses in the certificate", async () => {
    await use(good, {}, "127.0.0.1");
    const other = await authority.issue({ names: [HOST], ips: ["127.0.0.9"] });
    match(await refusal(other, {}, {}, "127.0.0.1"), /^wrong name: .*127\.0\.0\.9$/);
  });

  it("goes over IPv6", async function () {
    if (!(await hasIpv6())) this.skip();
    const { port } = await keep(listenTls(good, {}, "::1"));
    await open(port, {}, "::1").opened;
  });

  for (const { title, wish, tls, reason } of [
    {
      title: "an expired certificate",
      wish: { notBefore: LONG_AGO, notAfter: new Date(LONG_AGO.getTime() + DAY_MS) },
      reason: /^expired: valid until Jan {2}2 00:00:00 2026 GMT$/,
    },
    {
      title: "one that is not valid yet, and doubts the clock",
      wish: {
        notBefore: new Date(Date.now() + DAY_MS),
        notAfter: new Date(Date.now() + 2 * DAY_MS),
      },
      reason: /^not yet valid: valid from .* GMT; clock not set\? it is \d{4}-\d\d-\d\d here$/,
    },
    {
      title: "one for another name",
      wish: { names: ["other.example", "third.example"] },
      reason: /^wrong name: the certificate is for other\.example, third\.example$/,
    },
    {
      title: "one of an unknown authority",
      wish: {},
      tls: { caFile: undefined },
      reason: /^unknown issuer: CN=Test authority$/,
    },
    {
      title: "a good one that is not the pinned one",
      wish: {},
      tls: { pins: ["ab".repeat(32)] },
      reason: /^pin mismatch: the certificate seen is [0-9a-f]{64}$/,
    },
  ] satisfies {
    title: string;
    wish: CertificateWish;
    tls?: Partial<TlsSettings>;
    reason: RegExp;
  }[])
    it(`refuses ${title}`, async () => {
      const certificate = await authority.issue({ names: [HOST], ...wish });
      match(await refusal(certificate, tls), reason);
    });

  it("says the fingerprint that a pin would have to be", async () => {
    const reason = await refusal(good, { pins: ["ab".repeat(32)] });
    ok(reason.endsWith(good.sha256));
  });

  it("takes a pinned certificate that nobody vouches for, of any name and age", async () => {
    const home = await makeSelfSigned({
      names: ["elsewhere.example"],
      notBefore: LONG_AGO,
      notAfter: new Date(LONG_AGO.getTime() + DAY_MS),
    });
    const withColons = home.sha256.toUpperCase().replaceAll(/..(?!$)/g, "$&:");
    const { link } = await use(home, { pins: ["ab".repeat(32), withColons] });
    equal(link.security, "pinned");
  });

  it("checks a pin also where nothing else is to be checked", async () => {
    match(await refusal(good, { verify: false, pins: ["ab".repeat(32)] }), /^pin mismatch/);
  });

  it("takes anything, and says so, when it is told not to verify", async () => {
    const { link } = await use(await makeSelfSigned({}), { verify: false });
    equal(link.security, "unverified");
  });

  it("takes no certificate with control characters in its reason", async () => {
    const odd = await makeAuthority("Odd\u001b[2J authority");
    const reason = await refusal(await odd.issue({ names: [HOST] }));
    match(reason, /^unknown issuer: /);
    ok(!/\p{Cc}/u.test(reason));
  });

  it("refuses a server that knows TLS 1.1 at most", async () => {
    const old = {
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    } as const;
    match(await refusal(good, {}, old), /^protocol version: the pool has no TLS 1\.2 or later$/);
  });

  it("says that a server wants a certificate from us", async () => {
    const strict = { requestCert: true, rejectUnauthorized: true };
    const wanted = "the pool wants a certificate from us";
    equal(await refusal(good, {}, { ...strict, minVersion: "TLSv1.3" }), wanted);
    match(await refusal(good, {}, { ...strict, maxVersion: "TLSv1.2" }), /./);
  });

  it("says that there is no TLS at a plain port", async () => {
    const { port } = await keep(
      listen((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    const error = await open(port).closed;
    deepEqual([error.code, error.context["reason"]], ["POOL_TLS_REFUSED", "no TLS at this port"]);
  });

  for (const [word, end] of [
    ["reset", "resetAndDestroy"],
    ["closed", "destroy"],
  ] as const)
    it(`says that it was ${word} in the handshake`, async () => {
      const { port } = await keep(
        listen((socket) => {
          socket.once("data", () => socket[end]());
        }),
      );
      const error = await open(port).closed;
      equal(error.code, "POOL_TLS_REFUSED");
      equal(error.context["reason"], `${word} in the TLS handshake`);
    });

  it("calls an unreachable pool unreachable", async () => {
    const server = await keep(listenTls(good));
    server.close();
    const error = await open(server.port).closed;
    deepEqual([error.code, error.context["reason"]], ["POOL_UNREACHABLE", "connection refused"]);
  });

  it("ends when it is closed in a handshake that never goes on", async () => {
    let hello: () => void = () => undefined;
    let end: () => void = () => undefined;
    const greeted = new Promise<void>((resolve) => (hello = resolve));
    const ended = new Promise<void>((resolve) => (end = resolve));
    const { port } = await keep(
      listen((socket) => {
        socket.once("data", hello);
        socket.once("close", end);
      }),
    );
    const probe = open(port);
    await greeted;
    probe.link.close();
    await ended;
  });

  it("tells when the peer does not read", async () => {
    const { port } = await keep(listenTls(good, {}, "127.0.0.1", (socket) => socket.pause()));
    const probe = open(port);
    await probe.opened;
    const chunk = "x".repeat(64 * 1024);
    let isTaken = true;
    for (let i = 0; isTaken && i < 1024; i++) {
      isTaken = probe.link.write(chunk);
      await new Promise(setImmediate);
    }
    equal(isTaken, false);
  });

  it("reads the file of authorities again when it has changed", async () => {
    const changing = join(dir, "changing.pem");
    writeFileSync(changing, (await makeAuthority()).certPem);
    const openLink = trusting({ caFile: changing });
    const { port } = await keep(listenTls(good));
    const outcome = async (): Promise<string> => {
      const probe = new LinkProbe(openLink, { host: HOST, port });
      probes.push(probe);
      return probe.opened.then(
        () => "open",
        (error: unknown) => String(error),
      );
    };
    match(await outcome(), /unknown issuer/);
    writeFileSync(changing, authority.certPem);
    equal(await outcome(), "open");
    writeFileSync(changing, "half a fi");
    equal(await outcome(), "open");
  });
});
