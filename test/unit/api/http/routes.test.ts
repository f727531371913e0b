import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Problem } from "../../../../src/api/http/problem.js";
import { ROUTES } from "../../../../src/api/http/routes/all-routes.js";
import { openApiText } from "../../../../scripts/docs/openapi.js";
import { httpRigs, refusal, type HttpRig } from "./http-rig.js";
import { keepHistory } from "./kept-history.js";
import { ANSWERS, PATHS } from "./samples.js";

interface HistoryPage {
  readonly stepS: number;
  readonly hasOlder: boolean;
  readonly rows: readonly { readonly atUnixMs: number; readonly figures: object }[];
}

describe("the routes of HTTP", () => {
  const start = httpRigs();

  async function ready(): Promise<{ rig: HttpRig; headers: Record<string, string> }> {
    const rig = await start();
    Object.assign(rig.answers, ANSWERS);
    return { rig, headers: await rig.owned() };
  }

  it("refuses other methods by name, and what is not there", async () => {
    const { rig, headers } = await ready();
    for (const { path } of ROUTES) {
      const at = `/api/v1${PATHS[path] ?? path.replace("{id}", "x")}`;
      const reply = await rig.ask(at, { method: "OPTIONS", headers });
      equal(reply.status, 405, path);
      const methods = ROUTES.filter((route) => route.path === path).map(({ method }) => method);
      const allowed = reply.headers.get("allow")?.toLowerCase().split(", ");
      ok(
        methods.every((method) => allowed?.includes(method)),
        path,
      );
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
    const replies = Array.from({ length: 70 }, () => rig.ask("/api/v1/status", { headers }));
    for (const reply of replies.slice(0, 60)) equal((await reply).status, 200);
    const held = { isOver: false };
    const late = Promise.all(replies.slice(60)).finally(() => (held.isOver = true));
    await rig.clock.advance(999);
    equal(held.isOver, false);
    await rig.clock.advance(1);
    deepEqual(new Set((await late).map(({ status }) => status)), new Set([429]));
    equal((await rig.ask("/api/v1/status", { headers }, "192.0.2.9")).status, 200);
    await rig.clock.advance(1000);
    equal((await rig.ask("/api/v1/status", { headers })).status, 200);
  });

  it("gives history of minutes, some figures of it", async () => {
    const { rig, headers } = await ready();
    await keepHistory(rig);
    const ask = async (query: string): Promise<HistoryPage> =>
      (await (await rig.ask(`/api/v1/history${query}`, { headers })).json()) as never;
    const { stepS, rows } = await ask("?metric=powerW");
    deepEqual([stepS, rows.length], [60, 1]);
    deepEqual(rows[0]?.figures, { powerW: { mean: 2712, min: 2712, max: 2712 } });
    equal((await ask("?step=1")).rows.length, 60);
    equal((await ask("?sinceUnixMs=1900000000000")).rows.length, 0);
    const times = async (query: string): Promise<readonly [readonly number[], boolean]> => {
      const page = await ask(query);
      return [page.rows.map(({ atUnixMs }) => atUnixMs), page.hasOlder];
    };
    const [all] = await times("?step=1");
    deepEqual(await times("?step=1&last=25"), [all.slice(-25), true]);
    const before = `?step=1&last=25&untilUnixMs=${String((all.at(-25) ?? NaN) - 1)}`;
    deepEqual(await times(before), [all.slice(-50, -25), true]);
    deepEqual(await times(`${before}&sinceUnixMs=${String(all.at(-50))}`), [
      all.slice(-50, -25),
      false,
    ]);
    for (const last of ["0", "721", "x"])
      equal((await rig.ask(`/api/v1/history?last=${last}`, { headers })).status, 400);
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
