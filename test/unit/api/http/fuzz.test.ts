import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { OPERATIONS, type Operation } from "./described.js";
import { httpRigs, PASSWORD, type HttpRig } from "./http-rig.js";
import { ANSWERS, BODIES } from "./samples.js";

/** The same requests each time. */
const SEED = 20_261_123;
/** Half a second. */
const RUNS = 400;
/** Orders that only ask. */
const READS = [
  ...["pools.list", "config.get", "trips.list", "events.list", "logs", "support.bundle"],
  ...["config.check", "status"],
];
const WITHOUT = ["nobody", "unknown token", "read", "cookie alone"] as const;
type Who = (typeof WITHOUT)[number] | "own";

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

const segment = fc.oneof(
  fc.constantFrom("0", "7", "-1", "%00", "..%2f..", "__proto__", "constructor", "%E0%A4%A", "%"),
  fc.string({ maxLength: 20 }).map(encodeURIComponent),
);
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "COPY"];
const target = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...OPERATIONS), segment)
      .map(([{ method, path }, part]) => [method.toUpperCase(), filled(path, part)] as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...METHODS), fc.constantFrom(...OPERATIONS), segment)
      .map(([method, { path }, part]) => [method, filled(path, part)] as const),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom(...METHODS),
      segment.map((part) => `/${part}`),
    ),
  },
);
const query = fc.oneof(
  { weight: 5, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("last", "step", "metric", "dryRun", "level", "__proto__"), segment)
      .map(([name, value]) => `?${name}=${value}`),
  },
);
const oddHeaders = fc.record(
  {
    "content-type": fc.constantFrom(
      ...["application/json; charset=x", "text/plain", "multipart/form-data"],
    ),
    origin: fc.constantFrom("null", "http://192.0.2.7", "http://evil.example", "::"),
    "x-csrf-token": fc.constantFrom("", "x", "x".repeat(43)),
    "if-match": fc.constantFrom("*", '"r1"', 'W/"r1"', '"'),
    "idempotency-key": fc.constantFrom("k", "k".repeat(200), " "),
    "last-event-id": fc.constantFrom("0", "-1", "1e400", "9".repeat(30)),
    "x-http-method-override": fc.constantFrom("PATCH", "DELETE"),
  },
  { requiredKeys: [] },
);
const headers = fc.oneof(fc.constant({}), oddHeaders);
const POLLUTION = [
  '{"__proto__":{"scope":"own"}}',
  '{"constructor":{"prototype":{"scope":"own"}}}',
  '{"params":{"__proto__":{"scope":"own"}}}',
  '{"password":{"__proto__":[]},"__proto__":null}',
];
const body = fc.oneof(
  fc.constantFrom(undefined, "", "{}", "{", "null", "[".repeat(2000), ...POLLUTION),
  fc.uint8Array({ minLength: 1, maxLength: 60 }),
  fc.json({ maxDepth: 3 }),
  fc
    .tuple(fc.constantFrom(...Object.values(BODIES)), fc.dictionary(fc.string(), fc.json()))
    .map(([known, more]) => JSON.stringify({ ...known, ...more })),
  fc.constantFrom(...Object.values(BODIES)).map((known) => JSON.stringify(known)),
);
const request: fc.Arbitrary<Request> = fc
  .record({ target, query, headers, body })
  .map(({ target: [method, path], query: asked, body: sent, ...rest }) => {
    const hasBody = method !== "GET" && method !== "HEAD";
    return { ...rest, method, path: `${path}${asked}`, body: hasBody ? sent : undefined };
  });

function filled(pattern: string, part: string): string {
  return `/api/v1${pattern.replace(/\{\w+\}/, () => part)}`;
}

describe("HTTP, asked for anything", () => {
  const start = httpRigs();

  async function callers(rig: HttpRig): Promise<Readonly<Record<Who, Record<string, string>>>> {
    const login = { method: "POST", body: JSON.stringify({ password: PASSWORD }) };
    const own = await rig.owned();
    const reply = await rig.ask("/api/v1/auth/login", login);
    const [cookie = ""] = (reply.headers.get("set-cookie") ?? "").split(";");
    ok(cookie !== "");
    return {
      ...{ nobody: {}, own, read: await rig.owned("read"), "cookie alone": { cookie } },
      "unknown token": { authorization: `Bearer hf_00000000_${"x".repeat(43)}` },
    };
  }

  /** Sends them one after the other; `judge` sees each with its answer. */
  async function play(who: readonly Who[], judge: (rig: HttpRig, text: string) => void) {
    const rig = await start();
    Object.assign(rig.answers, ANSWERS);
    const known = await callers(rig);
    await fc.assert(
      fc.asyncProperty(request, fc.constantFrom(...who), async (asked, from) => {
        const { method, path: at, body: sent } = asked;
        const init = { method, headers: { ...asked.headers, ...known[from] } };
        const reply = await rig.ask(at, sent === undefined ? init : { ...init, body: sent });
        assertDeclared(method, at, reply);
        const isStream = reply.headers.get("content-type") === "text/event-stream";
        judge(rig, isStream ? "" : await reply.text());
        if (isStream) await reply.body?.cancel();
        await rig.clock.advance(60_000);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  }

  it("changes nothing for who has no authority", async () => {
    let before: string | undefined;
    await play(WITHOUT, (rig, text) => {
      const file = readFileSync(join(rig.dataDir, "http-access.json"), "utf8");
      before ??= file;
      equal(file, before);
      deepEqual(
        rig.orders.filter(({ name }) => !READS.includes(name)),
        [],
      );
      ok(!text.includes(PASSWORD));
    });
    ok(before !== undefined);
    equal(({} as { scope?: string }).scope, undefined);
  });

  it("does not fail for its owner either", async () => {
    const names = new Set<string>();
    await play(["own"], (rig) => {
      for (const { name } of rig.orders.splice(0)) names.add(name);
    });
    // What it lets through reaches the desk.
    const changing = [...names].filter((name) => !READS.includes(name));
    ok(changing.length >= 4, changing.join(" "));
    equal(({} as { scope?: string }).scope, undefined);
  });
});

/** What is described answers as it is described, and nothing fails. */
function assertDeclared(method: string, at: string, { status }: Response): void {
  const [plain = ""] = at.split("?");
  const name = method === "HEAD" ? "get" : method.toLowerCase();
  const described = OPERATIONS.filter(
    (each) => each.method === name && patternOf(each).test(plain),
  );
  const isExpected =
    described.length === 0 || described.some(({ responses }) => String(status) in responses);
  ok(isExpected && status !== 500, `${method} ${at}: ${status}`);
}

function patternOf({ path: pattern }: Operation): RegExp {
  return new RegExp(`^/api/v1${pattern.replace(/\{\w+\}/g, "[^/]+")}$`);
}
