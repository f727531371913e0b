import { deepEqual, equal, match } from "node:assert/strict";
import { parsePoolUrl } from "../../../src/pool/pool-url.js";
import { loadVectors } from "../../fixtures/stratum/load-vectors.js";

interface UrlCase {
  readonly id: string;
  readonly url: string;
  readonly valid: boolean;
  readonly expect: {
    readonly host: string;
    readonly port: number;
    readonly tls: boolean;
    readonly subscribe_extranonce?: boolean;
  } | null;
}

// Good addresses of protocols that this program does not speak; refused by name, never taken for V1.
const NOT_SPOKEN: readonly string[] = ["v2-with-key", "v2-no-key", "v2-ipv6"];

describe("pool addresses (vectors pool-urls)", () => {
  for (const { id, url, valid, expect } of loadVectors<UrlCase>("pool-urls"))
    it(`${valid && !NOT_SPOKEN.includes(id) ? "takes" : "refuses"} ${id}`, () => {
      const parsed = parsePoolUrl(url);
      if (NOT_SPOKEN.includes(id)) {
        equal(parsed.ok ? undefined : parsed.field, "scheme");
        match(parsed.ok ? "" : parsed.expected, /Stratum V2 is not built yet/);
        return;
      }
      equal(parsed.ok, valid);
      if (!parsed.ok || expect === null) return;
      deepEqual(parsed.value, {
        protocol: "v1",
        host: expect.host,
        port: expect.port,
        security: expect.tls ? "tls" : "plain",
        subscribeExtranonce: expect.subscribe_extranonce ?? false,
      });
    });
});
