import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigCommands } from "../../../src/app/config-commands.js";
import { ConfigStore } from "../../../src/app/config-store.js";
import { isMinerError, MinerError, type ErrorCode } from "../../../src/lib/errors.js";

const POOL = { url: "stratum+tcp://a.example:3333", user: "me.w", password: "secret-a" };
const OTHER = { url: "stratum+tcp://b.example:3333", user: "me.w", password: "secret-b" };
const BROKER = { url: "mqtts://b.example", user: "u", password: "secret-c" };
const FILE = {
  ...{ machine: "s19k-pro", controlBoard: "virtual", freqMHz: 500, pools: [POOL, OTHER] },
  ...{ cooling: { targetC: 58, minDutyPct: 30 }, mqtt: { brokers: [BROKER] } },
};

describe("the configuration as a whole", () => {
  let folder: string;
  let path: string;
  let store: ConfigStore;
  let commands: ConfigCommands;
  let applied: string[];
  let refusal: MinerError | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-config-"));
    path = join(folder, "config.json");
    writeFileSync(path, JSON.stringify(FILE));
    store = new ConfigStore(path);
    applied = [];
    refusal = undefined;
    commands = new ConfigCommands({
      store,
      applyPools: ({ pools }) => applied.push(`pools ${pools.map(({ url }) => url).join(" ")}`),
      setPoints: async (wish) => {
        if (refusal !== undefined) throw refusal;
        applied.push(`set ${JSON.stringify(wish)}`);
        const fields = Object.entries(wish).map(([name, value]) => [name, value ?? undefined]);
        await store.change(Object.fromEntries(fields) as object, store.revision);
      },
      assertReachable: (freqMHz) => {
        if (freqMHz === 501) throw new MinerError("PLL_UNREACHABLE");
      },
    });
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const inFile = (): Record<string, unknown> =>
    JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;

  async function refuses(code: ErrorCode, patch: Record<string, unknown>, revision?: string) {
    const before = readFileSync(path, "utf8");
    const wish = { patch, ...(revision !== undefined && { revision }) };
    await rejects(commands.set(wish), (error) => isMinerError(error, code));
    equal(readFileSync(path, "utf8"), before);
    deepEqual(applied, []);
  }

  it("is shown without its secrets, and takes them back as they were shown", async () => {
    const { config, revision } = commands.get();
    equal(JSON.stringify(config).includes("secret-"), false);
    const { changes } = await commands.set({ patch: config, revision });
    deepEqual(changes, []);
    deepEqual(inFile(), FILE);
  });

  it("keeps the password of a pool that is moved, and refuses one that there never was", async () => {
    const { pools } = commands.get().config as { pools: Record<string, unknown>[] };
    await commands.set({ patch: { pools: [...pools].reverse() } });
    deepEqual(inFile()["pools"], [OTHER, POOL]);
    deepEqual(applied, [`pools ${OTHER.url} ${POOL.url}`]);
    applied = [];
    const stranger = { ...POOL, url: "stratum+tcp://c.example:3333", password: "(hidden)" };
    await refuses("CONFIG_INVALID", { pools: [stranger] });
  });

  it("says what would change, and changes nothing", () => {
    const patch = { cooling: { targetC: 60 }, freqMHz: 400, pools: [{ ...POOL, password: "new" }] };
    const before = readFileSync(path, "utf8");
    const { changes, needsRestart, interruptsHashing } = commands.check({ patch });
    deepEqual([needsRestart, interruptsHashing], [true, false]);
    deepEqual(
      changes.map((change) => [change.path, change.takesEffect]),
      [
        ["freqMHz", "now"],
        ["pools", "now"],
        ["cooling.targetC", "restart"],
      ],
    );
    equal(JSON.stringify(changes).includes("new"), false);
    deepEqual([changes[2]?.before, changes[2]?.after], [58, 60]);
    equal(readFileSync(path, "utf8"), before);
    deepEqual(applied, []);
  });

  it("takes fields away with null", async () => {
    await commands.set({ patch: { cooling: { minDutyPct: null }, freqMHz: null } });
    deepEqual(inFile()["cooling"], { targetC: 58 });
    deepEqual(applied, ['set {"freqMHz":null}']);
  });

  it("refuses what a start would refuse, another revision, and a clock that no chip makes", async () => {
    await refuses("CONFIG_INVALID", { nosuch: 1 });
    await refuses("CONFIG_INVALID", { pools: [] });
    await refuses("CONFIG_INVALID", { deviceDir: "/tmp" });
    await refuses("CONFIG_CHANGED", { noPool: "keepWarm" }, "another");
    await refuses("PLL_UNREACHABLE", { freqMHz: 501 });
    throws(
      () => commands.check({ patch: { freqMHz: 501 } }),
      (error) => isMinerError(error, "PLL_UNREACHABLE"),
    );
  });

  it("is as it was when the machine does not take the set-points", async () => {
    refusal = new MinerError("COMMAND_REFUSED");
    const patch = { noPool: "keepWarm", freqMHz: 400 };
    await rejects(commands.set({ patch }), (error) => isMinerError(error, "COMMAND_REFUSED"));
    deepEqual(inFile(), FILE);
  });

  it("keeps a hidden password where only the user of a pool changes", async () => {
    const { pools } = commands.get().config as { pools: readonly object[] };
    await commands.set({ patch: { pools: [{ ...pools[0], user: "me.w2" }, pools[1]] } });
    deepEqual(inFile()["pools"], [{ ...POOL, user: "me.w2" }, OTHER]);
    applied.splice(0);
    // Of two pools at one place nobody knows which is meant.
    const twice = [POOL, { ...POOL, user: "me.w3", password: "secret-c" }];
    await commands.set({ patch: { pools: twice } });
    applied.splice(0);
    const hidden = { ...POOL, user: "me.w9", password: "(hidden)" };
    await refuses("CONFIG_INVALID", { pools: [hidden, twice[1]] });
  });
});
