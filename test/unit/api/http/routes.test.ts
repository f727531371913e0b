import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { openApi } from "../../../../src/api/http/openapi.js";
import { Problem } from "../../../../src/api/http/problem.js";
import type { Route } from "../../../../src/api/http/route.js";
import { ROUTES } from "../../../../src/api/http/routes/all-routes.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { History } from "../../../../src/telemetry/history.js";
import { openApiText } from "../../../../scripts/docs/openapi.js";
import { httpRigs, PASSWORD, refusal, type HttpRig } from "./http-rig.js";

const REPLY = { order: "paused", state: "hashing", isUnchanged: false, isKept: true };
const POOLS = {
  revision: "r1",
  pools: [{ url: "stratum+tcp://a:1", user: "u", name: "a", hasPassword: true }],
  groups: [{ name: "main", quota: 1 }],
};
const PLAN = {
  changes: [{ path: "noPool", before: null, after: "stop", takesEffect: "restart" }],
  ...{ interruptsHashing: false, needsRestart: true },
};

/** What the desk answers. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  "machine.pause": REPLY,
  "machine.resume": REPLY,
  "machine.sleep": REPLY,
  "machine.wake": REPLY,
  "machine.curtail": REPLY,
  "machine.restart": { keepsPower: true },
  "machine.locate": { isOn: true, endsUnixMs: 1, lines: ["led-green"], evidence: "inferred" },
  "system.reboot": { accepted: true },
  logs: { lines: [{ atUnixMs: 1, level: "info", message: "controller runs", facts: {} }] },
  "support.bundle": { name: "bundle.tar.gz", base64: "H4sI" },
  "trips.list": { trips: [{ id: "t1", code: "FAN_MISSING" }] },
  "trips.clear": { trip: { id: "t1" } },
  "config.get": { revision: "r1", config: { machine: "s19k-pro" } },
  "config.check": PLAN,
  "config.set": { ...PLAN, revision: "r2" },
  "pools.list": POOLS,
  "pools.set": POOLS,
  "events.list": { events: [] },
};

/** Where the path, or the body, has to say something. */
const PATHS: Readonly<Record<string, string>> = {
  "/boards/{slot}": "/boards/1",
  "/boards/{slot}/chips": "/boards/0/chips",
  "/trips/{id}/clear": "/trips/t1/clear",
  "/commands/{name}": "/commands/status",
};
const BODIES: Readonly<Record<string, unknown>> = {
  "/commands/{name}": { params: {} },
  "/config": { noPool: "stop" },
  "/pools": { pools: [] },
  "/tokens": { name: "test", scope: "read" },
  "/auth/login": { password: PASSWORD },
  "/auth/password": { old: PASSWORD, password: "another password" },
};
/** Bodies that are JSON of another shape; what only the desk can judge is not among them. */
const WRONG_BODIES: readonly unknown[] = [[], 1, "text", { "no such field": 1 }, null];
const FREE_BODIES = ["/config"];

type Description = Readonly<
  Record<string, Readonly<Record<string, { responses: Readonly<Record<string, unknown>> }>>>
>;

describe("the routes of HTTP", () => {
  const start = httpRigs();
  const { paths } = openApi() as { paths: Description };

  async function ready(): Promise<{ rig: HttpRig; headers: Record<string, string> }> {
    const rig = await start();
    Object.assign(rig.answers, ANSWERS);
    return { rig, headers: await rig.owned() };
  }

  function init({ method, path }: Route, headers: Record<string, string>, body?: unknown) {
    const hasBody = method !== "get" && method !== "delete" && body !== undefined;
    const name = method.toUpperCase();
    return { method: name, headers, ...(hasBody && { body: JSON.stringify(body) }), path };
  }

  async function pathOf(rig: HttpRig, { path }: Route): Promise<string> {
    const made = path === "/tokens/{id}" ? await rig.access.addToken("gone", "read") : undefined;
    return `/api/v1${made === undefined ? (PATHS[path] ?? path) : `/tokens/${made.listed.id}`}`;
  }

  /** The status is one that the description names, and the body is a problem. */
  async function isDescribed({ method, path }: Route, reply: Response, status: number) {
    equal(reply.status, status, `${method} ${path}`);
    ok(String(status) in paths[path]![method]!.responses, `${method} ${path}: ${status}`);
    equal(reply.headers.get("content-type"), "application/problem+json");
    equal(Problem.parse(await reply.json()).status, status);
  }

  for (const route of ROUTES)
    it(`${route.method} ${route.path} does what its description says`, async () => {
      const { rig, headers } = await ready();
      const { method, path, needs, reply: schema } = route;
      if (path === "/auth/setup") {
        // There is a password.
        const body = { code: rig.code, password: PASSWORD };
        await isDescribed(route, await rig.ask("/api/v1/auth/setup", init(route, {}, body)), 409);
        return;
      }
      if (path === "/history") await keepHistory(rig);
      const reply = await rig.ask(await pathOf(rig, route), init(route, headers, BODIES[path]));
      equal(reply.status, 200, `${method} ${path}`);
      if (typeof schema === "string") {
        equal(reply.headers.get("content-type"), schema);
        await reply.body?.cancel();
      } else {
        const text = await reply.json();
        const parsed = schema.safeParse(text);
        ok(parsed.success, JSON.stringify(parsed.error?.issues));
        // Nothing that the description leaves out, at the top at least.
        deepEqual(
          new Set(Object.keys(parsed.data as object)),
          new Set(Object.keys(text as object)),
        );
      }
      if (needs === "nothing") return;
      await isDescribed(route, await rig.ask(await pathOf(rig, route), init(route, {})), 401);
    });

  for (const route of ROUTES)
    it(`${route.method} ${route.path} refuses what its description does not take`, async () => {
      const { rig, headers } = await ready();
      const at = await pathOf(rig, route);
      const { method, path, body } = route;
      await isDescribed(
        route,
        await rig.ask(`${at}?nosuch=1`, init(route, headers, BODIES[path])),
        400,
      );
      if (path.includes("{slot}")) {
        const other = at.replace(/boards\/\d/, "boards/x");
        await isDescribed(route, await rig.ask(other, init(route, headers)), 400);
        const none = at.replace(/boards\/\d/, "boards/7");
        await isDescribed(route, await rig.ask(none, init(route, headers)), 404);
      }
      const isFree = FREE_BODIES.includes(path);
      if (method !== "get" && body !== undefined)
        for (const wrong of WRONG_BODIES.slice(0, isFree ? 3 : undefined)) {
          // A body that is null is none.
          if (wrong === null) continue;
          await isDescribed(route, await rig.ask(at, init(route, headers, wrong)), 400);
        }
      if (method !== "get" && method !== "delete") {
        const plain = { ...headers, "content-type": "text/plain" };
        await isDescribed(route, await rig.ask(at, { ...init(route, plain), body: "{}" }), 415);
        const long = `{"a":"${"x".repeat(300_000)}"}`;
        await isDescribed(route, await rig.ask(at, { ...init(route, headers), body: long }), 413);
      }
      const hasHeard = rig.orders.filter(
        ({ name }) => name !== "pools.list" && name !== "config.get",
      );
      deepEqual(hasHeard, []);
    });

  it("refuses other methods by name, and what is not there", async () => {
    const { rig, headers } = await ready();
    for (const { path } of ROUTES) {
      const at = `/api/v1${PATHS[path] ?? path.replace("{id}", "x")}`;
      equal((await rig.ask(at, { method: "OPTIONS", headers })).status, 405, path);
      await rig.clock.advance(1000);
    }
    const nothing = await rig.ask("/api/v1/nothing", { headers });
    deepEqual(
      [nothing.status, nothing.headers.get("content-type")],
      [404, "application/problem+json"],
    );
  });

  it("answers errors with JSON below /api only", async () => {
    const { rig } = await ready();
    for (const path of ["/nothing", "/cgi-bin/x.cgi", "/apix", "/metrics"]) {
      const reply = await rig.ask(path);
      ok(reply.status >= 400);
      equal(reply.headers.get("content-type")?.split(";")[0], "text/plain", path);
    }
  });

  it("tells refusals of the desk with their code", async () => {
    const { rig, headers } = await ready();
    rig.answers["machine.pause"] = refusal("COMMAND_REFUSED");
    const reply = await rig.ask("/api/v1/mining/pause", { method: "POST", headers });
    const { code, status, context } = Problem.parse(await reply.json());
    deepEqual([code, status, context], ["COMMAND_REFUSED", 409, { by: "the test" }]);
  });

  it("gives the desk the key of a request, parted by who sent it", async () => {
    const { rig, headers } = await ready();
    const pause = { method: "POST", headers: { ...headers, "idempotency-key": "k1" } };
    await rig.ask("/api/v1/mining/pause", pause);
    await rig.ask("/api/v1/mining/pause", { method: "POST", headers });
    const [first, second] = rig.orders;
    equal(first?.id, "token test k1");
    deepEqual(first.by, { way: "http", who: "token test 192.0.2.7" });
    ok(second!.id.length === 36);
    const bad = { method: "POST", headers: { ...headers, "idempotency-key": "a b" } };
    equal((await rig.ask("/api/v1/mining/pause", bad)).status, 400);
  });

  it("changes the configuration that was read, tries it out without changing it, and says its new tag", async () => {
    const { rig, headers } = await ready();
    const read = await rig.ask("/api/v1/config", { headers });
    equal(read.headers.get("etag"), '"r1"');
    const body = JSON.stringify({ noPool: "stop" });
    const patch = { method: "PATCH", headers: { ...headers, "if-match": '"r1"' }, body };
    equal((await rig.ask("/api/v1/config?dryRun=true", patch)).status, 200);
    const done = await rig.ask("/api/v1/config", patch);
    equal(done.headers.get("etag"), '"r2"');
    deepEqual(
      rig.orders.map(({ name, params }) => [name, params]),
      [
        ["config.get", {}],
        ["config.check", { patch: { noPool: "stop" }, revision: "r1" }],
        ["config.set", { patch: { noPool: "stop" }, revision: "r1" }],
      ],
    );
  });

  it("refuses more than it can answer, and answers again a second later", async () => {
    const { rig, headers } = await ready();
    const statuses: number[] = [];
    for (let count = 0; count < 70; count++)
      statuses.push((await rig.ask("/api/v1/status", { headers })).status);
    deepEqual([...new Set(statuses)], [200, 429]);
    equal((await rig.ask("/api/v1/status", { headers }, "192.0.2.9")).status, 200);
    await rig.clock.advance(1000);
    equal((await rig.ask("/api/v1/status", { headers })).status, 200);
  });

  it("gives history of minutes, some figures of it", async () => {
    const { rig, headers } = await ready();
    await keepHistory(rig);
    const ask = async (query: string): Promise<{ stepS: number; rows: { figures: object }[] }> =>
      (await (await rig.ask(`/api/v1/history${query}`, { headers })).json()) as never;
    const { stepS, rows } = await ask("?metric=powerW");
    deepEqual([stepS, rows.length], [60, 1]);
    deepEqual(rows[0]?.figures, { powerW: { mean: 2712, min: 2712, max: 2712 } });
    equal((await ask("?step=1")).rows.length, 60);
    equal((await ask("?sinceUnixMs=1900000000000")).rows.length, 0);
    equal((await rig.ask("/api/v1/history?metric=nosuch", { headers })).status, 400);
    equal((await rig.ask("/api/v1/history?step=2", { headers })).status, 400);
  });

  it("is described in docs/openapi.json as it is served", async () => {
    const file = new URL("../../../../docs/openapi.json", import.meta.url);
    equal(readFileSync(file, "utf8"), openApiText());
    const { rig } = await ready();
    deepEqual(await (await rig.ask("/api/v1/openapi.json")).json(), JSON.parse(openApiText()));
  });
});

/** A minute of it in the data directory. */
async function keepHistory({ dataDir, latest }: HttpRig): Promise<void> {
  const clock = new ManualClock();
  const onTrouble = (error: Error): void => {
    throw error;
  };
  const look = (): typeof latest => latest;
  const history = await History.start({
    dataDir,
    clock,
    onTrouble,
    look,
    writtenBytes: () => null,
  });
  await clock.advance(60_000);
  await history.stop();
}
