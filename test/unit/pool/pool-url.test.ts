import { deepEqual, equal, throws } from "node:assert/strict";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { isMinerError } from "../../../src/lib/errors.js";
import { keySource } from "../../../src/pool/pool-client.js";
import { parsePoolUrl } from "../../../src/pool/pool-url.js";
import { StratumV1Client } from "../../../src/pool/stratum-v1/stratum-v1-client.js";
import { makeOpenLink } from "../../../src/pool/transport/stream-link.js";

describe("pool url", () => {
  for (const [url, host, port, security] of [
    ["stratum+tcp://127.0.0.1:3333", "127.0.0.1", 3333, "plain"],
    ["STRATUM+TCP://[2001:db8::1]:3333", "2001:db8::1", 3333, "plain"],
    ["stratum+tcp://pool.example:1/", "pool.example", 1, "plain"],
    ["stratum+ssl://pool.example:443", "pool.example", 443, "tls"],
    ["stratum+tls://[2001:db8::1]:443", "2001:db8::1", 443, "tls"],
  ] as const)
    it(`takes ${url}`, () => {
      deepEqual(parsePoolUrl(url), {
        ok: true,
        value: { protocol: "v1", host, port, security, subscribeExtranonce: false },
      });
    });

  for (const [url, field] of [
    ["", "host"],
    ["stratum+udp://pool.example:443", "scheme"],
    ["stratum2+ssl://pool.example:443", "scheme"],
    ["stratum+tcp://[1:2]:3333", "host"],
    ["stratum+tcp://pool.example", "port"],
    ["stratum+tcp://pool.example:", "port"],
    ["stratum+tcp://pool.example:0", "port"],
    ["stratum+tcp://:3333", "host"],
    ["stratum+tcp://-a:3333", "host"],
    ["stratum+tcp://2001:db8::1:3333", "host"],
    ["stratum+tcp://user:secret@pool.example:3333", "credentials"],
    ["stratum+tcp://pool.example:3333/path", "path"],
    ["stratum+tcp://pool.example:3333#other", "path"],
  ] as const)
    it(`refuses the ${field} of "${url}"`, () => {
      const parsed = parsePoolUrl(url);
      equal(parsed.ok ? undefined : parsed.field, field);
    });

  it("is checked by the client, which names the field and repeats no secret", () => {
    const options = {
      user: "a",
      password: "b",
      agent: "headframe/0.0.0",
      network: MAINNET,
      clock: new ManualClock(),
      nextKey: keySource(),
      openLink: makeOpenLink({}),
    };
    throws(
      () => new StratumV1Client({ ...options, url: "stratum+tcp://a:secret@pool.example:3333" }),
      (error) =>
        isMinerError(error, "POOL_URL_INVALID") &&
        error.context["field"] === "credentials" &&
        !error.message.includes("secret"),
    );
  });
});
