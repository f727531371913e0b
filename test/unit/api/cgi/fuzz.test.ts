import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { httpRigs, PASSWORD, type HttpRig } from "../http/http-rig.js";
import { digestHeader, nonceOf } from "./digest-client.js";

/** The same requests each time. */
const SEED = 20_261_123;
const RUNS = 500;
const READS = ["status", "config.get", "config.check", "machine.isLocated", "logs"];
const NAMES = [
  ...["stats", "summary", "get_miner_conf", "set_miner_conf", "blink", "reboot", "passwd"],
  ...["reset_conf", "upgrade", "set_network_conf", "nosuch", "__proto__", "constructor"],
];
const EXPECTED = [200, 400, 401, 403, 404, 405, 413, 429, 501, 503];

const uri = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant("") },
      fc.constantFrom("?x=1", "?__proto__=1", "/", "%00", "/../stats.cgi"),
    ),
  )
  .map(([name, rest]) => `/cgi-bin/${name}.cgi${rest}`);
const field = fc.oneof(
  fc.constantFrom(undefined, "", "root", "auth-int", "00000000", "ffffffff", "SHA-256", "1e9"),
  fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, "")),
);
/** What is changed in a proof that is right; without any it is made with another password. */
const change = fc.dictionary(
  fc.constantFrom("username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce"),
  field,
  { maxKeys: 3 },
);
const odd = fc.oneof(
  fc.constantFrom("Digest", "Digest ,,,", 'Digest username="', "Basic cm9vdDpyb290", "\t"),
  fc.constant(`Digest ${"a=b, ".repeat(500)}`),
  fc.string({ maxLength: 60 }).map((text) => `Digest ${text.replace(/[^\x20-\x7e]/g, "")}`),
);
const body = fc.oneof(
  fc.constantFrom("", "{}", "[]", "null", "{", "[".repeat(2000), '{"__proto__":{"pools":[]}}'),
  fc.constantFrom('{"blink":true}', '{"miner-mode":1}', '{"miner-mode":"0"}'),
  fc.uint8Array({ minLength: 1, maxLength: 60 }),
  fc.json({ maxDepth: 3 }),
  fc
    .record(
      {
        pools: fc.array(
          fc.record(
            {
              url: fc.oneof(fc.constantFrom("", "stratum+tcp://a:1", "x://"), fc.jsonValue()),
              user: fc.jsonValue({ maxDepth: 1 }),
              pass: fc.constantFrom("(hidden)", "", null, 5),
            },
            { requiredKeys: [] },
          ),
          { maxLength: 5 },
        ),
        "bitmain-fan-ctrl": fc.constantFrom(true, false, "true", 1, null),
        "bitmain-fan-pwm": fc.oneof(fc.integer(), fc.string({ maxLength: 5 }), fc.constant([])),
        "miner-mode": fc.oneof(fc.integer({ min: -1, max: 9 }), fc.string({ maxLength: 3 })),
        "freq-level": fc.constantFrom("100", 100, "1e2", "90", {}),
        curPwd: fc.constantFrom(PASSWORD, "", "x"),
        newPwd: fc.constantFrom("", "x", "x".repeat(300)),
        confirmPwd: fc.constantFrom("", "x", "x".repeat(300)),
      },
      { requiredKeys: [] },
    )
    .map((plain) => JSON.stringify(plain)),
);
const request = fc.record({
  method: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("GET", "POST") },
    fc.constantFrom("HEAD", "PUT", "DELETE", "OPTIONS"),
  ),
  uri,
  body,
});
type Sent = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

describe("the pages of stock machines, asked for anything", () => {
  const start = httpRigs();

  async function rigWithPages(): Promise<HttpRig> {
    const rig = await start({ stockPages: true });
    await rig.access.setPassword(PASSWORD);
    rig.answers["status"] = { state: { order: "mine" } };
    rig.answers["config.get"] = {
      ...{ revision: "r1", config: { pools: [{ url: "stratum+tcp://a:1", user: "u" }] } },
    };
    rig.answers["logs"] = { lines: [] };
    return rig;
  }

  const file = ({ dataDir }: HttpRig): string =>
    readFileSync(join(dataDir, "http-access.json"), "utf8");

  async function send(rig: HttpRig, { method, uri: to, body: sent }: Sent, authorization: string) {
    const init = { method, headers: { authorization } };
    const hasBody = method !== "GET" && method !== "HEAD";
    const reply = await rig.ask(to, hasBody ? { ...init, body: sent } : init);
    ok(EXPECTED.includes(reply.status), `${method} ${to}: ${reply.status}`);
    // Nobody has to wait for the next one.
    await rig.clock.advance(60_000);
    return reply;
  }

  async function nonce(rig: HttpRig): Promise<string> {
    return nonceOf((await rig.ask("/cgi-bin/stats.cgi")).headers.get("www-authenticate"));
  }

  it("changes nothing for who cannot prove the password", async () => {
    const rig = await rigWithPages();
    const before = file(rig);
    const proof = fc.oneof(
      odd.map((header) => () => header),
      fc.tuple(change, fc.boolean()).map(([changes, knowsPassword]) => {
        // The right password is of no use where a part of the proof is another.
        const isChanged = Object.values(changes).some((value) => value !== undefined);
        const password = knowsPassword && isChanged ? PASSWORD : "root";
        return (asked: { method: string; uri: string; nonce: string }) => {
          const header = digestHeader({ ...asked, password, change: changes });
          return header === digestHeader({ ...asked, password: PASSWORD }) ? "" : header;
        };
      }),
    );
    await fc.assert(
      fc.asyncProperty(request, proof, async (asked, make) => {
        const { method, uri: to } = asked;
        const reply = await send(rig, asked, make({ method, uri: to, nonce: await nonce(rig) }));
        ok(reply.status !== 200, `${method} ${to} was let in`);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    equal(file(rig), before);
    deepEqual(rig.orders, []);
  });

  it("does not fail for its owner either", async () => {
    const rig = await rigWithPages();
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const { method, uri: to } = asked;
        const { pathname, search } = new URL(`http://x${to}`);
        const proof = { method, uri: `${pathname}${search}`, password: PASSWORD };
        await send(rig, asked, digestHeader({ ...proof, nonce: await nonce(rig) }));
      }),
      { seed: SEED, numRuns: RUNS },
    );
    const names = new Set(rig.orders.map(({ name }) => name));
    const changing = [...names].filter((name) => !READS.includes(name));
    // What it lets through reaches the desk.
    ok(changing.length >= 3, changing.join(" "));
    equal(({} as { pools?: unknown }).pools, undefined);
  });
});
