import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { vectors } from "../mqtt/vectors.js";
import { httpRigs, PASSWORD, refusal, type HttpRig } from "./http-rig.js";

const JSON_TYPE = { "content-type": "application/json" };

interface AuthCase {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly role: "none" | "viewer" | "operator" | "admin";
  readonly setting?: string;
  readonly host_header?: string;
  readonly browser_cross_site?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
}

const SCOPES = { viewer: "read", operator: "operate", admin: "own" } as const;
/** What the vectors call otherwise: the program has no upgrade yet, and config.set is judged by the desk. */
const UPGRADE = "upgrade-operator";

describe("who may come in over HTTP", () => {
  const start = httpRigs();

  async function login(rig: HttpRig, password = PASSWORD, address?: string): Promise<Response> {
    const body = JSON.stringify({ password });
    return rig.ask("/api/v1/auth/login", { method: "POST", body }, address);
  }

  /** Cookie and CSRF token of a new session. */
  async function session(rig: HttpRig): Promise<{ cookie: string; csrf: string }> {
    const reply = await login(rig);
    equal(reply.status, 200);
    const { csrf } = (await reply.json()) as { csrf: string };
    const [cookie = ""] = (reply.headers.get("set-cookie") ?? "").split(";");
    return { cookie, csrf };
  }

  for (const each of vectors<AuthCase>("rest-auth").cases.filter(({ id }) => id !== UPGRADE))
    it(`answers as the vector ${each.id}`, async () => {
      const rig = await start({ public: each.setting === "public_status=true" ? ["status"] : [] });
      rig.answers["config.get"] = { revision: "17", config: {} };
      await rig.access.setPassword(PASSWORD);
      const token = each.role === "none" ? {} : await rig.owned(SCOPES[each.role]);
      const headers = {
        ...token,
        ...(each.host_header !== undefined && { host: each.host_header }),
        ...(each.browser_cross_site === true && { origin: "https://evil.example" }),
        ...each.headers,
      };
      if (each.id === "login-limit") {
        for (let wrong = 0; wrong < 5; wrong++) equal((await login(rig, "wrong one")).status, 401);
        const reply = await login(rig, "wrong one");
        deepEqual([reply.status, reply.headers.get("retry-after")], [429, "60"]);
        return;
      }
      if (each.id === "if-match") rig.answers["config.set"] = refusal("CONFIG_CHANGED");
      const body = each.body ?? (each.method === "PATCH" ? "{}" : undefined);
      const init = { method: each.method, headers: { ...JSON_TYPE, ...headers } };
      const reply = await rig.ask(each.path, { ...init, ...(body !== undefined && { body }) });
      equal(reply.status, each.status);
      if (each.status >= 400) {
        equal(reply.headers.get("content-type"), "application/problem+json");
        const { type, status } = (await reply.json()) as Record<string, unknown>;
        deepEqual([type, status], ["about:blank", each.status]);
      }
      // Nothing was ordered but what was let in.
      const asked = rig.orders.map(({ name }) => name);
      const expected = new Map([
        ["config-viewer", "config.get"],
        ["pause-operator", "machine.pause"],
        ["if-match", "config.set"],
      ]);
      const named = expected.get(each.id);
      deepEqual(asked, named === undefined ? [] : [named]);
    });

  it("has no password at first, and takes one with the code of the data directory only", async () => {
    const rig = await start();
    const setup = (code: string, password: string): Promise<Response> =>
      rig.ask("/api/v1/auth/setup", { method: "POST", body: JSON.stringify({ code, password }) });
    equal((await rig.ask("/api/v1/miner")).status, 403);
    equal((await login(rig, "")).status, 403);
    equal((await setup("0000-0000-0000", PASSWORD)).status, 401);
    equal((await setup(rig.code, "short")).status, 400);
    equal(rig.access.hasPassword, false);
    equal(statSync(join(rig.dataDir, "setup-code")).mode & 0o777, 0o600);
    // As somebody types it.
    const typed = rig.code.trim().toLowerCase().replaceAll("-", " ");
    equal((await setup(typed, PASSWORD)).status, 200);
    equal((await setup(rig.code, "another password")).status, 409);
    equal((await login(rig)).status, 200);
    deepEqual(rig.written, [
      "http.setup by http nobody 192.0.2.7",
      "http.login by http nobody 192.0.2.7",
    ]);
  });

  it("keeps hashes only, readable by the owner of the files", async () => {
    const rig = await start();
    const { authorization } = await rig.owned();
    const file = join(rig.dataDir, "http-access.json");
    const text = readFileSync(file, "utf8");
    equal(statSync(file).mode & 0o777, 0o600);
    ok(!text.includes(PASSWORD));
    ok(!text.includes(authorization!.slice(-43)));
  });

  it("lets a session change something only with the token that its page was given", async () => {
    const rig = await start();
    await rig.access.setPassword(PASSWORD);
    const { cookie, csrf } = await session(rig);
    const pause = (headers: Record<string, string>): Promise<Response> =>
      rig.ask("/api/v1/mining/pause", { method: "POST", headers: { cookie, ...headers } });
    equal((await rig.ask("/api/v1/status", { headers: { cookie } })).status, 200);
    equal((await pause({})).status, 403);
    equal((await pause({ "x-csrf-token": "x" })).status, 403);
    equal((await pause({ "x-csrf-token": csrf, "sec-fetch-site": "cross-site" })).status, 403);
    equal((await pause({ "x-csrf-token": csrf, origin: "null" })).status, 403);
    equal((await pause({ "x-csrf-token": csrf, origin: "http://192.0.2.7:8080" })).status, 403);
    deepEqual(rig.orders, []);
    equal((await pause({ "x-csrf-token": csrf, origin: "http://192.0.2.7" })).status, 200);
    equal(rig.orders.length, 1);
  });

  it("sends the cookie so that no script and no other site has it", async () => {
    const rig = await start();
    await rig.access.setPassword(PASSWORD);
    const cookie = (await login(rig)).headers.get("set-cookie") ?? "";
    match(cookie, /^headframe=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  it("ends a session by logout, by another password, and by time", async () => {
    const rig = await start();
    await rig.access.setPassword(PASSWORD);
    const isIn = async ({ cookie }: { cookie: string }): Promise<boolean> =>
      (await rig.ask("/api/v1/miner", { headers: { cookie } })).status === 200;
    const first = await session(rig);
    const out = { method: "POST", headers: { cookie: first.cookie, "x-csrf-token": first.csrf } };
    equal((await rig.ask("/api/v1/auth/logout", out)).status, 200);
    equal(await isIn(first), false);
    const second = await session(rig);
    const third = await session(rig);
    const reply = await rig.ask("/api/v1/auth/password", {
      method: "POST",
      headers: { cookie: third.cookie, "x-csrf-token": third.csrf },
      body: JSON.stringify({ old: PASSWORD, password: "a new password" }),
    });
    equal(reply.status, 200);
    deepEqual([await isIn(second), await isIn(third)], [false, false]);
    equal((await login(rig)).status, 401);
    equal((await login(rig, "a new password")).status, 200);
    await rig.access.setPassword(PASSWORD);
    const idle = await session(rig);
    await rig.clock.advance(59 * 60_000);
    equal(await isIn(idle), true);
    await rig.clock.advance(61 * 60_000);
    equal(await isIn(idle), false);
  });

  it("shuts out an address that guesses, for a minute, and nobody else", async () => {
    const rig = await start();
    const headers = await rig.owned();
    for (let wrong = 0; wrong < 5; wrong++) await login(rig, "wrong one");
    // Also with the right one: an answer would tell.
    equal((await login(rig)).status, 429);
    equal((await login(rig, PASSWORD, "192.0.2.8")).status, 200);
    equal((await rig.ask("/api/v1/miner", { headers })).status, 200);
    await rig.clock.advance(59_000);
    equal((await login(rig)).status, 429);
    await rig.clock.advance(1000);
    equal((await login(rig)).status, 200);
    equal(rig.written.filter((line) => line.startsWith("http.login by http 192.0.2.7")).length, 1);
  });

  it("counts guesses of one network of IPv6 together, and many at a time one by one", async () => {
    const rig = await start();
    await rig.access.setPassword(PASSWORD);
    const tries = Array.from({ length: 9 }, (_, index) =>
      login(rig, "wrong one", `2001:db8:1:2::${index + 1}`),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    deepEqual(statuses.sort(), [401, 401, 401, 401, 401, 429, 429, 429, 429]);
    equal((await login(rig, PASSWORD, "2001:db8:1:3::1")).status, 200);
  });

  it("gives tokens that can be taken away, and tells their text once", async () => {
    const rig = await start();
    const headers = await rig.owned();
    const body = JSON.stringify({ name: "prometheus", scope: "read" });
    const made = await rig.ask("/api/v1/tokens", { method: "POST", headers, body });
    const { token, id } = (await made.json()) as { token: string; id: string };
    const theirs = { authorization: `Bearer ${token}` };
    equal((await rig.ask("/metrics", { headers: theirs })).status, 200);
    const list = await (await rig.ask("/api/v1/tokens", { headers })).text();
    ok(list.includes(id) && !list.includes(token.slice(-43)));
    equal((await rig.ask("/api/v1/tokens", { headers: theirs })).status, 403);
    const gone = await rig.ask(`/api/v1/tokens/${id}`, { method: "DELETE", headers });
    equal(gone.status, 200);
    equal((await rig.ask("/metrics", { headers: theirs })).status, 401);
    equal((await rig.ask(`/api/v1/tokens/${id}`, { method: "DELETE", headers })).status, 404);
  });

  it("has at most 32 tokens", async () => {
    const rig = await start();
    const headers = await rig.owned();
    for (let count = 1; count < 32; count++) await rig.access.addToken("t", "read");
    const body = JSON.stringify({ name: "one more", scope: "read" });
    equal((await rig.ask("/api/v1/tokens", { method: "POST", headers, body })).status, 409);
  });

  it("is called by its addresses and names alone", async () => {
    const rig = await start({ public: ["status"] });
    const by = async (host: string): Promise<number> =>
      (await rig.ask("/api/v1/status", { headers: { host } })).status;
    for (const host of ["10.1.2.3", "10.1.2.3:8080", "[fe80::1]:80", "unit", "UNIT.local:80"])
      equal(await by(host), 200, host);
    for (const host of ["localhost", "miner-7.lan"]) equal(await by(host), 200, host);
    for (const host of ["evil.example", "unit.evil.example", "10.1.2.3.evil.example", "miner-7"])
      equal(await by(host), 421, host);
    notEqual(await by("evil.example:10.1.2.3"), 200);
  });
});
