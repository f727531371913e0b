import { deepEqual, equal } from "node:assert/strict";
import { followRedirect } from "../../../src/pool/stratum-v1/redirect.js";
import { makeOpenLink } from "../../../src/pool/transport/stream-link.js";
import type { Endpoint } from "../../../src/pool/transport/link.js";
import { ClientRig } from "./client-rig.js";
import { type PoolPeer, ScriptedPool, notifyParams } from "./scripted-pool.js";

describe("where client.reconnect may lead", () => {
  const follow = (configured: string, host: string | undefined, port?: number): string => {
    const at = { host: configured, port: 3333 };
    const target = followRedirect(at, at, { host, port }, ["Backup.Example.net", "192.0.2.9"]);
    return target === undefined ? "refused" : `${target.host}:${target.port}`;
  };

  for (const [title, configured, host, port, expected] of [
    ["nowhere else", "pool.example.com", undefined, undefined, "pool.example.com:3333"],
    ["another port", "pool.example.com", undefined, 4444, "pool.example.com:4444"],
    ["the same name", "pool.example.com", "POOL.example.com.", 4444, "pool.example.com:4444"],
    ["a name beside it", "pool.example.com", "eu.example.com", 3333, "eu.example.com:3333"],
    ["a deep name beside it", "a.b.example.com", "c.b.example.com", 1, "c.b.example.com:1"],
    ["the same address", "192.0.2.7", "192.0.2.7", 52_211, "192.0.2.7:52211"],
    ["the same IPv6 address", "2001:db8::1", "[2001:DB8::1]", 1, "2001:db8::1:1"],
    ["a name that the owner allows", "192.0.2.7", "backup.example.net", 1, "backup.example.net:1"],
    ["an address that the owner allows", "pool.example.com", "192.0.2.9", 1, "192.0.2.9:1"],
    ["another domain", "pool.example.com", "evil.net", 3333, "refused"],
    ["a name that only begins so", "pool.example.com", "pool.example.com.evil.net", 1, "refused"],
    ["a name below", "pool.example.com", "x.pool.example.com", 3333, "refused"],
    ["the domain above", "eu.pool.example.com", "pool.example.com", 3333, "refused"],
    ["another address", "192.0.2.7", "192.0.2.8", 3333, "refused"],
    ["an address for a name", "pool.example.com", "10.0.0.1", 3333, "refused"],
    ["a name for an address", "192.0.2.7", "eu.example.com", 3333, "refused"],
    ["another domain of one label", "pool.com", "evil.com", 3333, "refused"],
    ["one label", "localhost", "otherhost", 3333, "refused"],
    ["a public suffix", "pool.co.uk", "evil.co.uk", 3333, "refused"],
    ["a public suffix of China", "pool.com.cn", "evil.com.cn", 3333, "refused"],
    ["a host of everybody's names", "pool.duckdns.org", "evil.duckdns.org", 3333, "refused"],
    ["something that is no name", "pool.example.com", "e/vil.example.com", 3333, "refused"],
    ["port 0", "pool.example.com", undefined, 0, "refused"],
    ["a port beyond 65535", "pool.example.com", undefined, 65_536, "refused"],
  ] as const)
    it(`${expected === "refused" ? "is not" : "is"} ${title}`, () => {
      equal(follow(configured, host, port), expected);
    });
});

describe("client.reconnect", () => {
  const REDIRECTED = "eu.example.com";
  const CONFIGURED = "pool.example.com";
  let rig: ClientRig;
  let peer: PoolPeer;
  let dialled: Endpoint[];

  /** Names lead to the pool of the rig; what was dialled is noted. */
  beforeEach(async () => {
    dialled = [];
    const pools = await ScriptedPool.listen();
    rig = await ClientRig.start(
      {
        url: `stratum+tcp://${CONFIGURED}:3333`,
        openLink: (endpoint, listener) => {
          dialled.push(endpoint);
          return makeOpenLink({})({ host: "127.0.0.1", port: pools.port }, listener);
        },
      },
      "",
      pools,
    );
    peer = await opened();
  });
  afterEach(() => {
    rig.close();
  });

  const opened = async (): Promise<PoolPeer> => {
    const next = await rig.pool.accept();
    await next.welcome();
    next.notify("mining.notify", ...notifyParams("1"));
    await next.settled();
    return next;
  };

  it("is followed after the wait, and back to the configured address after a failure", async () => {
    await rig.clock.advance(60_000);
    peer.notify("client.reconnect", REDIRECTED, "4444", 5);
    await peer.closed;
    equal(rig.idles, 1);
    await rig.clock.advance(4_999);
    equal(rig.client.snapshot().state, "waiting");
    await rig.clock.advance(1);
    const redirected = await opened();
    redirected.close();
    await rig.until("waiting");
    await rig.clock.advance(500);
    await opened();
    deepEqual(
      dialled.map(({ host, port }) => `${host}:${port}`),
      [`${CONFIGURED}:3333`, `${REDIRECTED}:4444`, `${CONFIGURED}:3333`],
    );
  });

  it("is judged by the configured address, also when we are elsewhere already", async () => {
    peer.notify("client.reconnect", REDIRECTED, 4444, 1);
    await peer.closed;
    await rig.clock.advance(1000);
    const redirected = await opened();
    redirected.notify("client.reconnect", null, 5555);
    await redirected.closed;
    await rig.clock.advance(1000);
    await opened();
    deepEqual(dialled.at(-1), { host: REDIRECTED, port: 5555 });
  });

  it("is forgotten with a stop", async () => {
    peer.notify("client.reconnect", REDIRECTED, 4444, 1);
    await peer.closed;
    rig.client.stop();
    rig.client.start();
    await opened();
    equal(dialled.at(-1)?.host, CONFIGURED);
  });

  it("waits no longer than 60 s", async () => {
    await rig.clock.advance(60_000);
    peer.notify("client.reconnect", null, null, 86_400);
    await peer.closed;
    await rig.clock.advance(60_000);
    await opened();
  });

  it("in circles is slowed down like any other failure", async () => {
    for (const pauseMs of [500, 1000, 2000, 4000]) {
      rig.pool.peer.notify("client.reconnect", REDIRECTED, 4444, 0);
      await rig.until("waiting");
      await rig.clock.advance(pauseMs - 1);
      equal(rig.client.snapshot().state, "waiting");
      await rig.clock.advance(1);
      await opened();
    }
  });
});
