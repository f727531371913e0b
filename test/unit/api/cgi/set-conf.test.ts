import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { confPage } from "../../../../src/api/cgi/miner-conf.js";
import { PageOrders } from "../../../../src/api/cgi/page-orders.js";
import { setMinerConf } from "../../../../src/api/cgi/set-conf.js";
import { ConfigStore } from "../../../../src/app/config-store.js";
import { ALLOWABLE_NAMES } from "../../../../src/boards/obstacles.js";
import { vectors } from "../mqtt/vectors.js";
import { ConfDesk } from "./conf-desk.js";

interface PoolText {
  readonly url: string;
  readonly user: string;
  readonly pass: string;
}
interface State {
  readonly mode: "mining" | "sleep";
  readonly profile: string;
  readonly fan: { readonly auto: boolean; readonly duty?: number };
  readonly pools: readonly PoolText[];
}
interface Case {
  readonly id: string;
  readonly body: object;
  readonly before: State;
  readonly expect_change: Partial<State>;
}
type File = Readonly<Record<string, unknown>> & { readonly pools: readonly object[] };

const MACHINE = {
  ...{ machine: "s19k-pro", controlBoard: "virtual", allowInferred: ALLOWABLE_NAMES },
  ...{ freqMHz: 500, cooling: { targetC: 58 }, failover: { answerS: 20 } },
};
const POOLS = ["a", "b", "c", "d", "e"].map((name) => ({
  ...{ url: `stratum+tcp://${name}.example:3333`, user: "acct.w1", password: `secret-${name}` },
}));
/** A stock page has three. */
const SHOWN = POOLS.slice(0, 3).map(({ url, user }) => ({ url, user, pass: "(hidden)" }));
const EMPTY = { url: "", user: "", pass: "" };

describe("set_miner_conf.cgi", () => {
  const folders: string[] = [];
  let path: string;
  let store: ConfigStore;
  let desk: ConfDesk;

  function start(file: object): void {
    const folder = mkdtempSync(join(tmpdir(), "headframe-cgi-"));
    folders.push(folder);
    path = join(folder, "config.json");
    writeFileSync(path, JSON.stringify({ ...MACHINE, ...file }));
    store = new ConfigStore(path);
    desk = new ConfDesk(store);
  }

  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  const inFile = (): File => JSON.parse(readFileSync(path, "utf8")) as File;
  const shown = (): unknown => JSON.parse(JSON.stringify(confPage(store.config, desk.order)));

  async function post(body: unknown): Promise<{ code: string; msg: string }> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { body: reply } = await setMinerConf(text, () => store.config, new PageOrders(desk, "x"));
    return JSON.parse(reply) as { code: string; msg: string };
  }

  async function changes(body: unknown): Promise<object> {
    const before = inFile();
    equal((await post(body)).code, "M000");
    const after = inFile();
    return Object.fromEntries(
      [...new Set([...Object.keys(before), ...Object.keys(after)])]
        .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
        .map((key) => [key, after[key]]),
    );
  }

  /** What a change of the vectors is in the file. */
  function expected({ pools, fan, profile }: Partial<State>): object {
    const duty = fan?.duty;
    return {
      ...(profile === "low" && { freqMHz: store.config.machineSpec.freqMHz.min }),
      ...(duty !== undefined && { cooling: { targetC: 58, minDutyPct: duty, maxDutyPct: duty } }),
      ...(pools && { pools: pools.map(({ pass, ...pool }) => ({ ...pool, password: pass })) }),
    };
  }

  const { cases } = vectors<Case>("antminer-set-conf");
  for (const { id, body, before, expect_change: change } of cases)
    it(`changes what the vectors say, and nothing else: ${id}`, async () => {
      start({ pools: before.pools.map(({ pass, ...pool }) => ({ ...pool, password: pass })) });
      desk.order = before.mode === "sleep" ? "asleep" : "mine";
      deepEqual(await changes(body), expected(change));
      const mode = change.mode ?? before.mode;
      equal(desk.order, mode === "sleep" ? "asleep" : "mine");
    });

  it("leaves everything as it is when a tool sends back what it read", async () => {
    start({ pools: POOLS, cooling: { minDutyPct: 30, maxDutyPct: 60 } });
    const before = readFileSync(path, "utf8");
    const page = shown() as Record<string, unknown>;
    deepEqual(page, {
      ...{ pools: SHOWN, "bitmain-fan-ctrl": false, "bitmain-fan-pwm": "100" },
      ...{ "bitmain-work-mode": "0", "bitmain-freq-level": "100" },
    });
    const { "bitmain-work-mode": mode, "bitmain-freq-level": level, ...rest } = page;
    deepEqual(await changes({ ...rest, "miner-mode": mode, "freq-level": level }), {});
    equal(readFileSync(path, "utf8"), before);
    deepEqual(desk.orders, []);
  });

  it("keeps the pools that a page does not show, and every password", async () => {
    start({ pools: POOLS });
    const swapped = [SHOWN[1], SHOWN[0], SHOWN[2]];
    const [a, b, c, d, e] = POOLS;
    deepEqual(await changes({ pools: swapped }), { pools: [b, a, c, d, e] });
    deepEqual(await changes({ pools: [SHOWN[0], EMPTY, EMPTY] }), { pools: [a, d, e] });
    const fresh = { url: "stratum+tcp://n.example:3333", user: "n.w", pass: "123" };
    const n = { url: fresh.url, user: "n.w", password: "123" };
    // What is not mentioned stays.
    deepEqual(await changes({ pools: [fresh] }), { pools: [n, d, e] });
    deepEqual(await changes({ pools: [EMPTY, EMPTY, EMPTY] }), {});
    deepEqual(await changes({ pools: [{ user: "n.w2" }, {}, {}] }), {
      pools: [{ ...n, user: "n.w2" }, d, e],
    });
  });

  it("keeps what it does not know of a pool", async () => {
    const tls = { verify: false };
    const pool = { ...POOLS[0]!, url: "stratum+tls://a.example:3333", name: "first", tls };
    const proxied = { ...POOLS[1]!, group: "site", proxy: "socks5://192.0.2.3:1080" };
    const groups = [{ name: "main" }, { name: "site", quota: 3 }];
    start({ pools: [pool, proxied], groups });
    const page = (shown() as { pools: PoolText[] }).pools;
    equal(page[0]!.url, "stratum+ssl://a.example:3333");
    const changed = [
      { ...page[0]!, user: "acct.w9" },
      { ...EMPTY, url: "n.example:1", user: "u" },
    ];
    deepEqual(await changes({ pools: changed }), {
      pools: [
        { ...pool, user: "acct.w9" },
        { group: "site", proxy: proxied.proxy, url: "n.example:1", user: "u" },
      ],
    });
  });

  it("gives no password to a pool that it does not belong to", async () => {
    start({ pools: POOLS.slice(0, 1) });
    const before = readFileSync(path, "utf8");
    const { code, msg } = await post({ pools: [{ ...SHOWN[0], url: "stratum+tcp://n:1" }] });
    equal(code, "M001");
    match(msg, /CONFIG_INVALID/);
    ok(!msg.includes("secret-a"));
    equal(readFileSync(path, "utf8"), before);
  });

  it("says what is wrong, and changes nothing then", async () => {
    start({ pools: POOLS });
    const before = readFileSync(path, "utf8");
    for (const [body, says] of [
      ["not json", /^Illegal request!$/],
      ["[1]", /HTTP_BAD_REQUEST/],
      [{ pools: "x" }, /HTTP_BAD_REQUEST/],
      [{ pools: [{ url: 5 }] }, /HTTP_BAD_REQUEST/],
      [{ pools: [{ ...SHOWN[0], url: "http://x" }], "miner-mode": 1 }, /CONFIG_INVALID/],
      [{ "freq-level": "90" }, /freq-level/],
      [{ "bitmain-freq": "600" }, /bitmain-freq/],
      [{ "bitmain-fan-ctrl": true, "bitmain-fan-pwm": "101" }, /bitmain-fan-pwm/],
      [{ "bitmain-fan-ctrl": true, "bitmain-fan-pwm": "1", "miner-mode": 1 }, /CONFIG_INVALID/],
    ] as const) {
      const { code, msg } = await post(body);
      equal(code, "M001", JSON.stringify(body));
      match(msg, says);
    }
    equal(readFileSync(path, "utf8"), before);
    deepEqual(desk.orders, []);
  });

  it("is busy when the file was changed by somebody else", async () => {
    start({ pools: POOLS });
    writeFileSync(path, JSON.stringify({ ...MACHINE, pools: POOLS, noPool: "keepWarm" }));
    equal((await post({ pools: [SHOWN[1], SHOWN[0]] })).msg, "request busy");
  });

  it("goes to low power and back, and keeps it through a rest", async () => {
    start({ pools: POOLS });
    const { min } = store.config.machineSpec.freqMHz;
    const mode = (): string => (shown() as Record<string, string>)["bitmain-work-mode"]!;
    deepEqual(await changes({ "miner-mode": 3 }), { freqMHz: min });
    equal(mode(), "3");
    deepEqual(await changes({ "miner-mode": "1" }), {});
    equal(mode(), "1");
    deepEqual(await changes({ "miner-mode": 0 }), {});
    equal(mode(), "3");
    deepEqual(await changes({ "miner-mode": 0 }), { freqMHz: undefined });
    equal(mode(), "0");
  });

  it("holds the fans and lets them go", async () => {
    start({ pools: POOLS });
    const held = { "bitmain-fan-ctrl": true, "bitmain-fan-pwm": "70" };
    deepEqual(await changes(held), { cooling: { targetC: 58, minDutyPct: 70, maxDutyPct: 70 } });
    equal((shown() as Record<string, string>)["bitmain-fan-pwm"], "70");
    deepEqual(await changes(held), {});
    deepEqual(await changes({ "bitmain-fan-ctrl": false }), { cooling: { targetC: 58 } });
  });
});
