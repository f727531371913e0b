import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { PoolList } from "../../src/app/pool-commands.js";
import type { PoolProbeReport } from "../../src/pool/probe/probe-pool.js";
import { virtualNetwork } from "../../src/bitcoin/network.js";
import { TestPool } from "../../src/virtual/pool/test-pool.js";
import { assertBuilt, headframe, type Finished } from "./program.js";
import { type Rig, rigs } from "./rig.js";

const PASSWORD = "secret of the rig";

/** Work with every job, so that shares meet old jobs and new blocks. */
const OFTEN = { jobIntervalS: 1, blockIntervalS: 4 };

describe("pool check", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();

  it("agrees with the test pool on every share of a real run, whatever changes in it", async () => {
    const transcript: string[] = [];
    const vardiff = { sharesPerMinute: 300, retargetIntervalS: 2, min: 1, max: 2 ** 30 };
    const mine = await rig.start({
      ...{ machine: "s19k-pro", chains: [0] },
      pool: { ...OFTEN, vardiff, transcript },
      // Vardiff begins low and takes no lower limit from us.
      adapt: (config) => ({ ...config, pools: firstPool(config, { suggestDifficulty: 0 }) }),
    });
    await mine.untilMining(25);
    mine.pool.dropConnections();
    await mine.until(
      "a second session",
      ({ pool }) => pool.sessions === 2 && pool.state === "ready",
    );
    await mine.untilMining(25);
    await mine.controller.stop();
    const { accepted, rejected, stale } = mine.pool.stats();
    const text = `${transcript.join("\n")}\n`;
    const { exitCode, stdout, stderr } = await headframe(
      ["pool", "check", "--network", "virtual", "--json"],
      text,
    );
    equal(stderr, "");
    equal(exitCode, 0);
    const lines = jsonLines(stdout);
    const totals = lines.pop();
    equal(totals?.["total"], true);
    equal(totals["submits"], lines.length);
    equal(totals["sessions"], 2);
    equal(totals["accepted"], accepted);
    equal(totals["rejected"], rejected + stale);
    for (const line of lines) {
      const { answer, agrees, verdict, difficulty, poolDifficulty } = line;
      ok(answer === null || agrees === true, JSON.stringify(line));
      if (verdict === "good")
        ok(Number(difficulty) >= Number(poolDifficulty), JSON.stringify(line));
    }
    ok(lines.filter(({ verdict }) => verdict === "good").length >= 50);
  });

  it("names lines that it cannot read, judges the rest and exits 1", async () => {
    const { exitCode, stdout, stderr } = await headframe(
      ["pool", "check", "--json"],
      "garbage\n# fine\n",
    );
    equal(exitCode, 1);
    deepEqual(JSON.parse(stderr), {
      error: {
        code: "CAPTURE_INVALID",
        context: { line: 1, text: "garbage", expected: "SECONDS > JSON or SECONDS < JSON" },
      },
    });
    equal(jsonLines(stdout).at(-1)?.["unreadableLines"], 1);
  });

  it("says that a file cannot be read", async () => {
    const { exitCode, stderr } = await headframe(["pool", "check", "/nonexistent", "--json"]);
    equal(exitCode, 1);
    ok(stderr.includes("CAPTURE_UNREADABLE"));
  });
});

describe("pools", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();
  let second: TestPool | undefined;

  afterEach(async () => {
    await second?.stop();
    second = undefined;
  });

  async function startMining(): Promise<{
    mine: Rig;
    pools: (...args: string[]) => Promise<Finished>;
  }> {
    const mine = await rig.start({
      adapt: (config) => ({
        ...config,
        pools: firstPool(config, { password: PASSWORD, name: "first" }),
      }),
    });
    second = await TestPool.start({
      difficulty1Target: virtualNetwork().difficulty1Target,
      startDifficulty: 64,
      users: ["rig.other"],
    });
    await mine.untilMining();
    const pools = async (...args: string[]): Promise<Finished> => {
      const finished = await headframe(["pools", ...args, "--data", mine.dataDir, "--json"]);
      equal(`${finished.stdout}${finished.stderr}`.includes(PASSWORD), false);
      return finished;
    };
    return { mine, pools };
  }

  it("are listed, added, moved and removed while the machine mines; the file keeps it", async () => {
    const { mine, pools } = await startMining();
    const added = await pools("add", second!.url, "--user", "rig.other", "--name", "second");
    equal(added.exitCode, 0, added.stderr);
    deepEqual(names(added), ["first", "second"]);
    equal(second!.stats().accepted, 0);

    deepEqual(names(await pools("move", "second", "1")), ["second", "first"]);
    await mine.until("the second pool gets shares", () => second!.stats().accepted > 2);
    deepEqual(Object.keys(second!.stats().workers), ["rig.other"]);
    const file = JSON.parse(readFileSync(mine.configFile, "utf8")) as {
      readonly pools: readonly { readonly name: string; readonly password?: string }[];
    };
    deepEqual(
      file.pools.map(({ name, password }) => [name, password]),
      [
        ["second", undefined],
        ["first", PASSWORD],
      ],
    );

    deepEqual(names(await pools("remove", "second")), ["first"]);
    await mine.untilMining(2);
    deepEqual(names(await pools("list")), ["first"]);
    equal(mine.pool.stats().rejected, 0);
  });

  it("are refused with what is wrong, and nothing changes then", async () => {
    const { pools } = await startMining();
    for (const { args, code, facts } of [
      { args: ["remove", "third"], code: "POOL_UNKNOWN", facts: { expected: "first" } },
      { args: ["move", "third", "1"], code: "POOL_UNKNOWN", facts: { name: "third" } },
      { args: ["remove", "first"], code: "CONFIG_INVALID", facts: {} },
      { args: ["add", "http://x:1", "--user", "u"], code: "CONFIG_INVALID", facts: {} },
      { args: ["add", "x:1", "--user", "u", "--name", "first"], code: "CONFIG_INVALID", facts: {} },
    ]) {
      const { exitCode, stderr } = await pools(...args);
      equal(exitCode, 1, args.join(" "));
      const { error } = JSON.parse(stderr) as { error: { code: string; context: object } };
      equal(error.code, code, stderr);
      for (const [key, value] of Object.entries(facts))
        equal(Object.entries(error.context).find(([name]) => name === key)?.[1], value);
    }
    for (const args of [
      ["add", "x:1"],
      ["move", "first", "0"],
      ["list", "extra"],
    ])
      equal((await pools(...args)).exitCode, 2, args.join(" "));
    deepEqual(names(await pools("list")), ["first"]);
  });

  it("are tried out by the controller with the password it has, and by the command", async () => {
    const { mine, pools } = await startMining();
    const there = await pools("test", "first");
    equal(there.exitCode, 0, there.stderr);
    const { isUsable, difficulty, work, shareIntervalS } = JSON.parse(
      there.stdout,
    ) as PoolProbeReport;
    equal(isUsable, true);
    equal(difficulty, mine.pool.stats().difficulty);
    equal(typeof work?.blockHeight, "number");
    equal(typeof shareIntervalS, "number");
    equal((await pools("test", "third")).exitCode, 1);

    const here = ["pools", "test", second!.url, "--network", "virtual", "--json", "--user"];
    equal((await headframe([...here, "rig.other"])).exitCode, 0);
    const refused = await headframe([...here, "rig.unknown"]);
    equal(refused.exitCode, 1);
    const report = JSON.parse(refused.stdout) as PoolProbeReport;
    equal(report.findings[0]?.what, "login-refused");
    equal(second!.stats().accepted, 0);
  });
});

/** The rig's own pool, with more about it. */
function firstPool(config: Record<string, unknown>, more: object): readonly object[] {
  const [pool] = config["pools"] as readonly object[];
  return [{ ...pool, ...more }];
}

function jsonLines(text: string): Record<string, unknown>[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function names({ stdout, stderr }: Finished): readonly string[] {
  if (stdout === "") throw new Error(stderr);
  return (JSON.parse(stdout) as PoolList).pools.map(({ name }) => name);
}
