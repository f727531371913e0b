import { deepEqual, equal, notEqual, rejects } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigStore } from "../../../src/app/config-store.js";
import { isMinerError, type ErrorCode } from "../../../src/lib/errors.js";

const POOL = { url: "stratum+tcp://a.example:3333", user: "me.w" };
const OTHER = { url: "stratum+tcp://b.example:3333", user: "me.w", password: "p" };
const FILE = { logLevel: "debug", machine: "s19k-pro", controlBoard: "virtual", pools: [POOL] };

describe("the configuration of a running controller", () => {
  let folder: string;
  let path: string;
  let store: ConfigStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-store-"));
    path = join(folder, "config.json");
    writeFileSync(path, JSON.stringify(FILE));
    store = new ConfigStore(path);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function refuses(
    code: ErrorCode,
    change: object,
    revision = store.revision,
  ): Promise<void> {
    const text = readFileSync(path, "utf8");
    const before = [store.config, store.revision];
    await rejects(store.change(change, revision), (error) => isMinerError(error, code));
    deepEqual([store.config, store.revision], before);
    equal(readFileSync(path, "utf8"), text);
  }

  it("takes other pools and leaves what else its owner wrote, in the file too", async () => {
    const before = store.revision;
    const text = readFileSync(path, "utf8");
    const { pools } = await store.change({ pools: [OTHER, POOL] }, before);
    equal(pools[0]?.password, "p");
    deepEqual(JSON.parse(readFileSync(path, "utf8")), { ...FILE, pools: [OTHER, POOL] });
    equal(readFileSync(`${path}.previous`, "utf8"), text);
    notEqual(store.revision, before);
    equal(store.config.pools.length, 2);
    // The same content is the same revision, whoever wrote it.
    equal(new ConfigStore(path).revision, store.revision);
  });

  it("keeps the hardware data that it read, unless it becomes another machine", async () => {
    const { machineSpec } = store.config;
    const { machineSpec: same } = await store.change({ freqMHz: 450 }, store.revision);
    equal(same, machineSpec);
    const { machineSpec: other } = await store.change({ machine: "s21" }, store.revision);
    equal(other.name, "s21");
    notEqual(other.chip, machineSpec.chip);
  });

  it("changes nothing when the result would be refused at start", async () => {
    await refuses("CONFIG_INVALID", { pools: [] });
    await refuses("CONFIG_INVALID", { pools: [{ ...OTHER, url: "http://b" }] });
    await refuses("CONFIG_INVALID", { pools: [POOL, POOL] });
    await refuses("CONFIG_INVALID", { groups: [{ name: "unused" }] });
  });

  it("does not undo what another has changed meanwhile", async () => {
    const old = store.revision;
    await store.change({ pools: [OTHER] }, old);
    await refuses("CONFIG_CHANGED", { pools: [POOL] }, old);
  });

  it("takes one of two changes that come at once", async () => {
    const old = store.revision;
    const [first, second] = await Promise.allSettled([
      store.change({ pools: [OTHER] }, old),
      store.change({ pools: [POOL, OTHER] }, old),
    ]);
    deepEqual([first.status, second.status], ["fulfilled", "rejected"]);
    equal(store.config.pools.length, 1);
    equal(new ConfigStore(path).revision, store.revision);
  });

  it("does not overwrite an edit by hand", async () => {
    writeFileSync(path, JSON.stringify({ ...FILE, logLevel: "warn" }));
    await refuses("CONFIG_CHANGED", { pools: [OTHER] });
  });

  it("says that the file is gone", async () => {
    rmSync(path);
    await rejects(store.change({ pools: [OTHER] }, store.revision), (error) =>
      isMinerError(error, "CONFIG_UNREADABLE"),
    );
  });
});
