import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { linkFacts } from "../../../../src/api/cgi/link-facts.js";
import { chartOf } from "../../../../src/api/cgi/chart-page.js";
import { vectors } from "../mqtt/vectors.js";
import { httpRigs, PASSWORD, refusal, type HttpRig } from "../http/http-rig.js";
import { digestHeader, nonceOf } from "./digest-client.js";

interface Case {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly port?: number;
  readonly body?: string;
  readonly content_type?: string;
  readonly status: number;
  readonly reply?: Readonly<Record<string, unknown>>;
  readonly reply_text?: string;
}

const { cases } = vectors<Case>("antminer-cgi");
const STATS = "/cgi-bin/stats.cgi";
const REBOOT = "/cgi-bin/reboot.cgi";
/** Of the machine that the tests run on, or known to nobody: whether an address was leased, a number of the machine. */
const OF_THE_HOST = [
  ...["nettype", "netdevice", "hostname", "ipaddress", "netmask", "gateway", "dnsservers"],
  ...["system_kernel_version", "serinum", "subtype", "conf_nettype", "conf_hostname"],
];
const ANSWERS = {
  status: { state: { order: "mine" } },
  "machine.isLocated": { isOn: false },
  "config.get": { revision: "r1", config: { pools: [{ url: "stratum+tcp://a:1", user: "u" }] } },
  logs: { lines: [{ atUnixMs: 0, level: "info", message: "mines", facts: { chain: 1 } }] },
};
const AGREED = ["status", "config.get", "machine.isLocated", "logs"];

describe("the pages of stock machines", () => {
  const start = httpRigs();

  async function rigWithPages(): Promise<HttpRig> {
    const rig = await start({ stockPages: true });
    await rig.access.setPassword(PASSWORD);
    Object.assign(rig.answers, ANSWERS);
    return rig;
  }

  async function challengeOf(rig: HttpRig, address?: string): Promise<string> {
    const reply = await rig.ask(STATS, {}, address);
    equal(reply.status, 401);
    return nonceOf(reply.headers.get("www-authenticate"));
  }

  /** As a client does it: asked without, then with a proof. */
  async function ask(rig: HttpRig, uri: string, init: RequestInit = {}, password = PASSWORD) {
    const method = init.method ?? "GET";
    const authorization = digestHeader({
      ...{ method, uri, password, nonce: await challengeOf(rig) },
    });
    return rig.ask(uri, { ...init, headers: { authorization, ...(init.headers as object) } });
  }

  const orders = ({ orders: all }: HttpRig): readonly string[] =>
    all.map(({ name }) => name).filter((name) => !AGREED.includes(name));

  function plain(reply: Readonly<Record<string, unknown>> | undefined): object {
    return Object.fromEntries(
      Object.entries(reply ?? {}).filter(([key]) => !OF_THE_HOST.includes(key)),
    );
  }

  /** Their passwords are not ours, and what they set we do not. */
  const OTHERWISE = ["passwd-ok", "net-dhcp", "net-bad-ip", "get_miner_conf.cgi", "kaonsu-probe"];
  const read = cases.filter(
    ({ id, port, status }) => port === undefined && status === 200 && !OTHERWISE.includes(id),
  );
  for (const { id, method, path, body, content_type: type, reply } of read)
    it(`answers as the vectors have it: ${id}`, async () => {
      const rig = await rigWithPages();
      const init = { method, ...(body !== undefined && { body }) };
      const headers = type === undefined ? {} : { "content-type": type };
      const answer = await ask(rig, path, { ...init, headers });
      equal(answer.status, 200);
      deepEqual(plain((await answer.json()) as object as Record<string, unknown>), plain(reply));
    });

  it("asks for a proof, and tells nothing else", async () => {
    const rig = await rigWithPages();
    const reply = await rig.ask(STATS);
    equal(reply.status, 401);
    match(
      reply.headers.get("www-authenticate") ?? "",
      /^Digest realm="antMiner Configuration", qop="auth", algorithm=MD5, nonce="[0-9a-f]+"$/,
    );
    equal(reply.headers.get("algorithm"), null);
    ok(!(await reply.text()).includes("{"));
  });

  it("are not there unless they are asked for, nor is what they are proven with", async () => {
    const rig = await start();
    await rig.access.setPassword(PASSWORD);
    equal((await rig.ask(STATS)).status, 404);
    ok(!readFileSync(join(rig.dataDir, "http-access.json"), "utf8").includes("digest"));
  });

  it("let nobody in without a password, root as little as anybody", async () => {
    const rig = await start({ stockPages: true });
    equal((await ask(rig, STATS, {}, "root")).status, 401);
    equal((await ask(rig, STATS, {}, "")).status, 401);
    await rig.access.setPassword(PASSWORD);
    equal((await ask(rig, STATS, {}, "root")).status, 401);
    equal((await ask(rig, STATS)).status, 200);
  });

  it("take a proof once, and another count of the same nonce", async () => {
    const rig = await rigWithPages();
    const nonce = await challengeOf(rig);
    const send = (nc: string, change = {}): Promise<Response> => {
      const asked = { method: "GET", uri: STATS, password: PASSWORD, nonce, nc, change };
      return rig.ask(STATS, { headers: { authorization: digestHeader(asked) } });
    };
    equal((await send("00000001")).status, 200);
    const again = await send("00000001");
    equal(again.status, 401);
    match(again.headers.get("www-authenticate") ?? "", /stale=true/);
    equal((await send("00000002")).status, 200);
    await rig.clock.advance(300_000);
    match((await send("00000003")).headers.get("www-authenticate") ?? "", /stale=true/);
  });

  it("make who guesses wait, and nobody else", async () => {
    const rig = await rigWithPages();
    for (let guess = 0; guess < 5; guess += 1)
      equal((await ask(rig, STATS, {}, `wrong ${guess}`)).status, 401);
    const refused = await ask(rig, STATS);
    equal(refused.status, 429);
    equal(refused.headers.get("retry-after"), "60");
    deepEqual(rig.written, ["http.stockPages by http 192.0.2.7"]);
    const other = "192.0.2.8";
    const nonce = await challengeOf(rig, other);
    const authorization = digestHeader({ method: "GET", uri: STATS, password: PASSWORD, nonce });
    equal((await rig.ask(STATS, { headers: { authorization } }, other)).status, 200);
    // The login of the same computer is another door.
    const login = { method: "POST", body: JSON.stringify({ password: PASSWORD }) };
    equal((await rig.ask("/api/v1/auth/login", login)).status, 200);
    await rig.clock.advance(60_000);
    equal((await ask(rig, STATS)).status, 200);
  });

  it("start the machine anew for a tool, and not for a page of another site", async () => {
    const rig = await rigWithPages();
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "http://evil.example" },
      { origin: "null" },
    ])
      equal((await ask(rig, REBOOT, { headers })).status, 403);
    equal((await ask(rig, REBOOT, { method: "HEAD" })).status, 405);
    deepEqual(orders(rig), []);
    equal((await ask(rig, REBOOT)).status, 200);
    deepEqual(orders(rig), ["system.reboot"]);
    deepEqual(rig.orders.at(-1)?.by, { way: "http", who: "stock pages 192.0.2.7" });
    rig.refuses = refusal("REBOOT_UNAVAILABLE");
    equal((await ask(rig, REBOOT)).status, 501);
  });

  it("refuse a name that is not the machine's, and a change for another site's page", async () => {
    const rig = await rigWithPages();
    equal((await ask(rig, STATS, { headers: { host: "evil.example" } })).status, 421);
    const init = { method: "POST", body: "{}", headers: { origin: "http://evil.example" } };
    equal((await ask(rig, "/cgi-bin/set_miner_conf.cgi", init)).status, 403);
    deepEqual(orders(rig), []);
  });

  it("show pools without their passwords", async () => {
    const rig = await rigWithPages();
    deepEqual(await (await ask(rig, "/cgi-bin/get_miner_conf.cgi")).json(), {
      pools: [{ url: "stratum+tcp://a:1", user: "u", pass: "" }],
      ...{ "bitmain-fan-ctrl": false, "bitmain-fan-pwm": "100" },
      ...{ "bitmain-work-mode": "0", "bitmain-freq-level": "100" },
    });
  });

  it("show the log as text", async () => {
    const rig = await rigWithPages();
    const text = await (await ask(rig, "/cgi-bin/log.cgi")).text();
    equal(text, '1970-01-01T00:00:00.000Z info mines {"chain":1}\n');
  });

  it("change the password, with the old one and a good one", async () => {
    const rig = await rigWithPages();
    const change = async (curPwd: string, newPwd: string): Promise<string> => {
      const body = JSON.stringify({ curPwd, newPwd, confirmPwd: newPwd });
      const reply = await ask(rig, "/cgi-bin/passwd.cgi", { method: "POST", body });
      return ((await reply.json()) as { code: string }).code;
    };
    equal(await change(PASSWORD, "short"), "P003");
    equal(await change("wrong", "another good one"), "P001");
    equal((await ask(rig, STATS)).status, 200);
    equal(await change(PASSWORD, "another good one"), "P000");
    equal((await ask(rig, STATS)).status, 401);
    equal((await ask(rig, STATS, {}, "another good one")).status, 200);
    deepEqual(rig.written, ["http.password by http stock pages 192.0.2.7"]);
  });

  it("say so where they can not do what stock machines do", async () => {
    const rig = await rigWithPages();
    for (const name of ["set_network_conf", "reset_conf", "upgrade", "upgrade_clear"]) {
      const reply = await ask(rig, `/cgi-bin/${name}.cgi`, { method: "POST", body: "{}" });
      equal(reply.status, 501);
      match(await reply.text(), /^not here: /);
    }
    equal((await rig.ask("/cgi-bin/nosuch.cgi")).status, 404);
    deepEqual(orders(rig), []);
  });

  it("tell watts and warnings on the port beside them", async () => {
    const rig = await rigWithPages();
    const tell = async (uri: string): Promise<string> => {
      const challenge = (await rig.askDebug(uri)).headers.get("www-authenticate");
      const asked = { method: "GET", uri, password: PASSWORD, nonce: nonceOf(challenge) };
      return (await rig.askDebug(uri, { authorization: digestHeader(asked) })).text();
    };
    const expected = (id: string): Case => cases.find((each) => each.id === id)!;
    equal(await tell("/miner_power"), expected("miner-power-6060").reply_text);
    const { latest } = rig;
    rig.latest = { ...latest, state: { ...latest.state, error: null }, troubles: [], trips: [] };
    deepEqual(JSON.parse(await tell("/warning")), expected("warning-6060-none").reply);
    rig.latest = { ...rig.latest, troubles: [{ code: "BOARD_HOT", context: { slot: 1 } }] };
    deepEqual(JSON.parse(await tell("/warning")), expected("warning-6060-code").reply);
    rig.latest = { ...rig.latest, troubles: [{ code: "CHAIN_BROKEN", context: { slot: 1 } }] };
    deepEqual(JSON.parse(await tell("/warning")), { error_message: "J1:2" });
    equal((await rig.askDebug(STATS)).status, 404);
  });
});

describe("what is kept of the password for the stock pages", () => {
  const start = httpRigs();

  it("comes with the next login where the password was there before, and goes with the pages", async () => {
    const rig = await start();
    await rig.access.setPassword(PASSWORD);
    const file = (name: string): string => readFileSync(join(rig.dataDir, name), "utf8");
    const withPages = await rig.reopened(true);
    ok(!(await withPages.isPassword("wrong")));
    equal(withPages.digest, undefined);
    ok(await withPages.isPassword(PASSWORD));
    match(String(withPages.digest), /^[0-9a-f]{32}$/);
    ok(file("http-access.json").includes("digest"));
    await withPages.addToken("t", "read");
    const without = await rig.reopened(false);
    equal(without.digest, undefined);
    for (const name of ["http-access.json", "http-access.json.previous"])
      ok(!file(name).includes("digest"), name);
    ok(await without.isPassword(PASSWORD));
    equal(without.tokens.length, 1);
  });
});

describe("what the stock pages say about the network", () => {
  const address = { cidr: null, internal: false, mac: "02:00:5e:10:00:01", scopeid: 0 };
  const interfaces = {
    eth1: [{ ...address, mac: "02:00:5e:10:00:02", family: "IPv4", address: "192.0.2.99" }],
    eth0: [
      { ...address, family: "IPv6", address: "fe80::1", netmask: "ffff::" },
      { ...address, family: "IPv4", address: "192.0.2.10", netmask: "255.255.255.0" },
    ],
  } as unknown as Parameters<typeof linkFacts>[1]["interfaces"];
  const routes = [
    "Iface\tDestination\tGateway \tFlags",
    "eth1\t00000000\t630200C0\t0003",
    "eth0\t000200C0\t00000000\t0001",
    "eth0\t00000000\t010200C0\t0003",
  ].join("\n");
  const resolvers = "# of DHCP\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n";

  it("is what the system knows of the machine's own link", () => {
    deepEqual(linkFacts("02:00:5e:10:00:01", { interfaces, routes, resolvers }), {
      ...{ netdevice: "eth0", ipaddress: "192.0.2.10", netmask: "255.255.255.0" },
      ...{ gateway: "192.0.2.1", dnsservers: "192.0.2.1,192.0.2.2" },
    });
    deepEqual(linkFacts(undefined, { interfaces, routes: "", resolvers: "" }), {
      ...{ netdevice: "", ipaddress: "", netmask: "", gateway: "", dnsservers: "" },
    });
  });
});

describe("the chart of the stock pages", () => {
  it("is the hash rate of the last day, a point in ten minutes", () => {
    const nowUnixMs = Date.UTC(2026, 0, 2, 12, 0);
    const minutes = Array.from({ length: 2000 }, (_, ago) => ({
      atUnixMs: nowUnixMs - ago * 60_000,
      figures: { hashrateThs: { mean: ago === 0 ? 104 : 100, min: 0, max: 0 } } as never,
    })).reverse();
    const chart = chartOf(minutes, nowUnixMs) as {
      xAxis: string[];
      series: [{ data: number[] }];
    };
    equal(chart.xAxis.length, 144);
    deepEqual([chart.xAxis.at(-1), chart.xAxis.at(-2)], ["12:00", "11:50"]);
    deepEqual(chart.series[0].data.slice(-2), [100_000, 104_000]);
    deepEqual((chartOf([], nowUnixMs) as typeof chart).xAxis, []);
  });
});
