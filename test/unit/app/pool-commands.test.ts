import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../../src/app/config.js";
import { ConfigStore } from "../../../src/app/config-store.js";
import { PoolCommands } from "../../../src/app/pool-commands.js";
import { isMinerError, MinerError } from "../../../src/lib/errors.js";
import type { PoolSettings } from "../../../src/pool/pool-settings.js";

const PROXY = "socks5://me:secret@proxy.example:1080";
const FILE = {
  machine: "s19k-pro",
  controlBoard: "virtual",
  pools: [
    {
      ...{ name: "first", url: "stratum+tcp://a.example:3333", user: "me.w", password: "geheim" },
      proxy: PROXY,
    },
    { url: "stratum+tcp://b.example:3333", user: "me.w" },
  ],
};

describe("commands about pools", () => {
  let folder: string;
  let path: string;
  let commands: PoolCommands;
  let applied: Config[];
  let probed: PoolSettings[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-pools-"));
    path = join(folder, "config.json");
    writeFileSync(path, JSON.stringify(FILE));
    applied = [];
    probed = [];
    commands = new PoolCommands({
      store: new ConfigStore(path),
      apply: (config) => applied.push(config),
      status: () => [],
      probe: (settings) => {
        probed.push(settings);
        return Promise.reject(new MinerError("INTERNAL", { reason: "no pool here" }));
      },
    });
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function filePools(): readonly Record<string, unknown>[] {
    return (JSON.parse(readFileSync(path, "utf8")) as typeof FILE).pools;
  }

  it("list everything but what is secret", () => {
    const { pools, groups } = commands.list();
    const text = JSON.stringify(commands.list());
    ok(!text.includes("geheim") && !text.includes("secret"));
    deepEqual(
      pools.map(({ name, hasPassword, proxy }) => [name, hasPassword, proxy]),
      [
        ["first", true, "socks5://(hidden)@proxy.example:1080"],
        ["b.example:3333", false, undefined],
      ],
    );
    deepEqual(groups, [{ name: "main", quota: 1 }]);
  });

  it("take a list back as it was given, in another order, and keep the secrets", async () => {
    const { revision, pools } = commands.list();
    await commands.set({ revision, pools: pools.map((pool) => ({ ...pool })).reverse() });
    const [second, first] = filePools();
    deepEqual([first?.["password"], first?.["proxy"]], ["geheim", PROXY]);
    deepEqual([second?.["name"], second?.["password"]], ["b.example:3333", undefined]);
    deepEqual(
      applied.map((config) => config.pools.map(({ name }) => name)),
      [["b.example:3333", "first"]],
    );
  });

  it("take a new password where one is given", async () => {
    const { revision, pools } = commands.list();
    await commands.set({ revision, pools: pools.map((pool) => ({ ...pool, password: "neu" })) });
    deepEqual(
      filePools().map(({ password }) => password),
      ["neu", "neu"],
    );
  });

  it("change and apply nothing when the list is wrong", async () => {
    const text = readFileSync(path, "utf8");
    const { revision, pools: listed } = commands.list();
    const pools = listed.map((pool) => ({ ...pool }));
    const wrong = [
      { revision: "other", pools },
      { revision, pools: [] },
      { revision, pools: [...pools, { url: "http://x", user: "a" }] },
      { revision, pools: [{ ...pools[0], tls: { caFile: "/nowhere/ca.pem" } }] },
      { revision, pools: [{ ...pools[0], colour: "red" }] },
    ];
    for (const params of wrong) await rejects(commands.set(params), isMinerError);
    equal(readFileSync(path, "utf8"), text);
    deepEqual(applied, []);
  });

  it("try a pool out with what the configuration knows of it", async () => {
    await rejects(commands.test({ name: "first" }), (error) => isMinerError(error, "INTERNAL"));
    deepEqual(
      probed.map(({ name, password }) => [name, password]),
      [["first", "geheim"]],
    );
    await rejects(commands.test({ name: "third" }), ({ code, context }: MinerError) => {
      deepEqual([code, context["expected"]], ["POOL_UNKNOWN", "first, b.example:3333"]);
      return true;
    });
  });
});
