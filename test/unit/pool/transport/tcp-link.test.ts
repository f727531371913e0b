import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import type { LookupFunction } from "node:net";
import { makeOpenLink } from "../../../../src/pool/transport/stream-link.js";
import { LinkProbe, fixedLookup } from "./link-probe.js";
import { type TestServer, hasIpv6, listen } from "./servers.js";

const openTcp = makeOpenLink({});

describe("a plain link", () => {
  const servers: TestServer[] = [];
  const probes: LinkProbe[] = [];
  const serve = async (...args: Parameters<typeof listen>): Promise<TestServer> => {
    const server = await listen(...args);
    servers.push(server);
    return server;
  };
  const open = (...args: ConstructorParameters<typeof LinkProbe>): LinkProbe => {
    const probe = new LinkProbe(...args);
    probes.push(probe);
    return probe;
  };
  const echo = (): Promise<TestServer> => serve((socket) => socket.pipe(socket));
  afterEach(() => {
    for (const probe of probes.splice(0)) probe.link.close();
    for (const server of servers.splice(0)) server.close();
  });

  it("carries bytes both ways and tells where they go", async () => {
    const { port } = await echo();
    const probe = open(openTcp, { host: "127.0.0.1", port });
    equal(probe.link.remote, undefined);
    await probe.opened;
    deepEqual(probe.link.remote, { host: "127.0.0.1", port });
    equal(probe.link.security, "none");
    ok(probe.link.write("hello\n"));
    await probe.reads("hello\n");
  });

  it("goes over IPv6", async function () {
    if (!(await hasIpv6())) this.skip();
    const { port } = await serve((socket) => socket.pipe(socket), "::1");
    const probe = open(openTcp, { host: "::1", port });
    await probe.opened;
    equal(probe.link.remote?.host, "::1");
    probe.link.write("six\n");
    await probe.reads("six\n");
  });

  it("tries every address of a name", async function () {
    if (!(await hasIpv6())) this.skip();
    const { port } = await echo();
    const openLink = makeOpenLink({ lookup: fixedLookup("::1", "127.0.0.1") });
    const probe = open(openLink, { host: "pool.example", port });
    await probe.opened;
    equal(probe.link.remote?.host, "127.0.0.1");
  });

  it("asks for the addresses of a name anew at each connect", async () => {
    const { port } = await echo();
    const places = ["127.0.0.1", "127.0.0.2"];
    const lookup: LookupFunction = (...question) => {
      fixedLookup(places.shift() ?? "")(...question);
    };
    const openLink = makeOpenLink({ lookup });
    const first = open(openLink, { host: "pool.example", port });
    await first.opened;
    const second = open(openLink, { host: "pool.example", port });
    const { context } = await second.closed;
    deepEqual(places, []);
    equal(context["reason"], "connection refused");
  });

  it("asks a name server that does not answer only once at a time", async () => {
    const { port } = await echo();
    const answers: (() => void)[] = [];
    const lookup: LookupFunction = (...question) => {
      answers.push(() => {
        fixedLookup("127.0.0.1")(...question);
      });
    };
    const openLink = makeOpenLink({ lookup });
    const first = open(openLink, { host: "pool.example", port });
    first.link.close();
    const second = open(openLink, { host: "pool.example", port });
    const other = open(openLink, { host: "other.example", port });
    equal(answers.length, 2);
    for (const answer of answers) answer();
    await Promise.all([second.opened, other.opened]);
  });

  for (const [code, reason] of [
    ["ENOTFOUND", "name unknown"],
    ["EAI_AGAIN", "name server does not answer"],
  ] as const)
    it(`says "${reason}"`, async () => {
      const lookup: LookupFunction = (_name, _options, callback) => {
        setImmediate(() => {
          callback(Object.assign(new Error(`getaddrinfo ${code}`), { code }), "", 0);
        });
      };
      const probe = open(makeOpenLink({ lookup }), { host: "pool.example", port: 3333 });
      const error = await probe.closed;
      equal(error.code, "POOL_UNREACHABLE");
      deepEqual(error.context, { host: "pool.example", port: 3333, reason });
    });

  it("says that the pool closed or reset it", async () => {
    const { port } = await serve((socket) => {
      socket.once("data", (chunk) => {
        if (chunk.includes("end")) socket.end();
        else socket.resetAndDestroy();
      });
    });
    const reasons = ["end", "reset"].map(async (word) => {
      const probe = open(openTcp, { host: "127.0.0.1", port });
      await probe.opened;
      probe.link.write(word);
      return (await probe.closed).context["reason"];
    });
    deepEqual(await Promise.all(reasons), ["closed by the pool", "reset by the peer"]);
  });

  it("tells when the peer does not read", async () => {
    const { port } = await serve((socket) => socket.pause());
    const probe = open(openTcp, { host: "127.0.0.1", port });
    await probe.opened;
    const chunk = "x".repeat(64 * 1024);
    let isTaken = true;
    // Far more than the kernel keeps for both ends.
    for (let i = 0; isTaken && i < 1024; i++) isTaken = probe.link.write(chunk);
    equal(isTaken, false);
  });

  it("hears nothing after close, and leaves no connection behind", async () => {
    let heard = 0;
    const server = await echo();
    const probe = open(openTcp, { host: "127.0.0.1", port: server.port });
    void probe.closed.then(() => (heard += 1));
    await probe.opened;
    const [socket] = server.sockets;
    ok(socket);
    const ended = once(socket, "close");
    probe.link.close();
    await ended;
    equal(heard, 0);
    equal(probe.link.write("late\n"), true);
  });
});
