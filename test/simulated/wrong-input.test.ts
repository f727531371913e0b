import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertBuilt, headframe, type Finished } from "./program.js";
import { rigs } from "./rig.js";

const GOOD = {
  machine: "s19k-pro",
  controlBoard: "virtual",
  network: "virtual",
  pools: [{ url: "stratum+tcp://127.0.0.1:3333", user: "a.b" }],
};

const COMMANDS = [
  ...[
    "run",
    "demo",
    "virtual",
    "virtual ask",
    "virtual pool",
    "status",
    "boards",
    "boards list",
    "boards show",
  ],
  ...["pause", "resume", "sleep", "wake", "curtail", "set"],
  ...["boards check", "boards schema", "wire", "wire decode", "wire check"],
  ...["config", "config check", "config schema", ""],
];

describe("headframe, used wrongly", function () {
  this.timeout(60_000);
  before(assertBuilt);
  const rig = rigs();
  let folder: string;
  let config: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-wrong-"));
    config = join(folder, "config.json");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  describe("command line", () => {
    it("explains every command with --help", async () => {
      const runs = COMMANDS.map(async (command) => {
        const words = command === "" ? [] : command.split(" ");
        const { exitCode, stdout, stderr } = await headframe([...words, "--help"]);
        deepEqual([exitCode, stderr], [0, ""], command);
        match(stdout, /Usage: headframe/);
      });
      await Promise.all(runs);
    });

    it("says its version", async () => {
      const { exitCode, stdout } = await headframe(["--version"]);
      equal(exitCode, 0);
      match(stdout, /^\d+\.\d+\.\d+\n$/);
    });

    for (const args of [
      ["dig"],
      ["status", "--no-such-option"],
      ["run"],
      ["run", "--config"],
      ["pause"],
      ["set", "freqMHz", "--data", "."],
      ["set", "freqMHz=fast", "--data", "."],
      ["set", "volts=13", "--data", "."],
      ["demo", "--for", "soon"],
      ["wire", "decode"],
      ["wire", "decode", "--chip", "BM0000"],
      ["boards", "show"],
      ["boards", "dig"],
      ["config", "check", "one", "two"],
    ])
      it(`exits with 2 for \`${args.join(" ")}\``, async () => {
        const { exitCode, stdout, stderr } = await headframe(args);
        equal(exitCode, 2);
        equal(stdout, "");
        match(stderr, /--help/);
      });
  });

  it("gives wrong usage the code of the error table when JSON is asked for", async () => {
    for (const args of [
      ["status", "--json"],
      ["dig", "--json"],
    ]) {
      const { exitCode, stdout, stderr } = await headframe(args);
      deepEqual([exitCode, stdout], [2, ""]);
      const { error } = JSON.parse(stderr) as { error: Failure };
      equal(error.code, "USAGE");
      ok(String(error.context["reason"]).length > 0);
    }
  });

  describe("configuration", () => {
    const WRONG: readonly (readonly [object, string, RegExp, RegExp])[] = [
      [{ machine: 7 }, "machine", /^7$/, /string/],
      [{ controlBoard: "amlogic" }, "controlBoard", /^"amlogic"$/, /amlogic-a113d, .*virtual/],
      [{ freqMHz: 5000 }, "freqMHz", /^5000$/, /56\.25 to 670 MHz/],
      [{ ticketDifficulty: 100 }, "ticketDifficulty", /^100$/, /power of two/],
      [{ ticketDifficulty: 0 }, "ticketDifficulty", /^0$/, /./],
      [{ chains: [0, 9] }, "chains", /^9$/, /below 4/],
      [{ chains: [] }, "chains", /^\[\]$/, /./],
      [{ deadManMs: 10 }, "deadManMs", /^10$/, /1000/],
      [{ logLevel: "loud" }, "logLevel", /^"loud"$/, /debug/],
      [{ pools: [] }, "pools", /^\[\]$/, /./],
      [{ pools: [{ url: "http://x", user: "a" }] }, "pools[0].url", /http/, /stratum/],
      [{ pools: [{ url: "stratum+tcp://h:1", user: "" }] }, "pools[0].user", /^""$/, /./],
      [{ frequency: 500 }, "frequency", /^500$/, /no such field/],
    ];

    for (const [change, path, value, expected] of WRONG)
      it(`names path, value and expectation of ${JSON.stringify(change)}`, async () => {
        writeFileSync(config, JSON.stringify({ ...GOOD, ...change }));
        const error = errorOf(await headframe(["config", "check", config, "--json"]));
        equal(error.code, "CONFIG_INVALID");
        equal(error.context["file"], config);
        equal(error.context["path"], path);
        match(String(error.context["value"]), value);
        match(String(error.context["expected"]), expected);
      });

    it("says what to do, in text", async () => {
      writeFileSync(config, JSON.stringify({ ...GOOD, freqMHz: 5000 }));
      const { exitCode, stdout, stderr } = await headframe(["config", "check", config]);
      deepEqual([exitCode, stdout], [1, ""]);
      match(stderr, /^CONFIG_INVALID: .*path=freqMHz value=5000.*\n {2}Correct the named field/);
    });

    it("passes what is right", async () => {
      writeFileSync(config, JSON.stringify(GOOD));
      const { exitCode, stdout } = await headframe(["config", "check", config, "--json"]);
      equal(exitCode, 0);
      equal((JSON.parse(stdout) as { machine: string }).machine, "s19k-pro");
    });

    it("refuses text that is not JSON and a file that is not there", async () => {
      const missing = errorOf(await headframe(["config", "check", config, "--json"]));
      equal(missing.code, "CONFIG_UNREADABLE");
      writeFileSync(config, "{ machine: s19k-pro }");
      const broken = errorOf(await headframe(["config", "check", config, "--json"]));
      equal(broken.code, "CONFIG_INVALID");
      equal(broken.context["file"], config);
    });

    it("refuses a machine that no file describes", async () => {
      writeFileSync(config, JSON.stringify({ ...GOOD, machine: "s99" }));
      equal(errorOf(await headframe(["config", "check", config, "--json"])).code, "BOARDS_UNKNOWN");
    });

    it("refuses the virtual network on metal, for the machine and for a pool", async () => {
      const metal = { ...GOOD, controlBoard: "amlogic-a113d" };
      const [pool] = GOOD.pools;
      for (const wrong of [
        metal,
        { ...metal, network: "mainnet", pools: [{ ...pool, network: "virtual" }] },
      ]) {
        writeFileSync(config, JSON.stringify(wrong));
        for (const args of [
          ["config", "check", config, "--json"],
          ["run", "--config", config, "--data", folder, "--json"],
        ])
          equal(errorOf(await headframe(args)).code, "NETWORK_REFUSED");
      }
    });
  });

  describe("running controller", () => {
    it("is not there: status says so", async () => {
      const error = errorOf(await headframe(["status", "--data", folder, "--json"]));
      equal(error.code, "CONTROL_UNREACHABLE");
    });

    it("cannot drive the board: it says so and ends, as often as it is started", async () => {
      const metal = { ...GOOD, network: "mainnet", controlBoard: "zynq-am2" };
      writeFileSync(config, JSON.stringify(metal));
      const run = ["run", "--config", config, "--data", join(folder, "data"), "--json"];
      for (let again = 0; again < 2; again++)
        equal(errorOf(await headframe(run)).code, "BOARD_NOT_DRIVEN");
      writeFileSync(config, JSON.stringify({ ...metal, controlBoard: "amlogic-a113d" }));
      const check = ["config", "check", config, "--json"];
      equal(errorOf(await headframe(check)).code, "BOARD_INFERRED");
    });

    it("is there: a second one on its data directory or on its tty is refused and does no harm", async () => {
      const mine = await rig.start();
      await mine.untilMining();
      const other = join(folder, "data");
      const [sameData, sameTty] = await Promise.all(
        [mine.dataDir, other].map((data) =>
          headframe(["run", "--config", mine.configFile, "--data", data, "--json"]),
        ),
      );
      equal(errorOf(sameData!).code, "DATA_DIR_IN_USE");
      const refused = errorOf(sameTty!);
      equal(refused.code, "LINK_OPEN_FAILED");
      match(String(refused.context["reason"]), /in use/);
      equal(refused.context["tty"], join(mine.deviceDir, "chain0.tty"));
      const { chains } = await mine.untilMining(3);
      deepEqual([chains[0]?.bringUps, chains[0]?.counters.hangUps], [1, 0]);

      const { exitCode, stdout } = await headframe(["status", "--data", mine.dataDir]);
      equal(exitCode, 0);
      match(stdout, /bitaxe-gamma on virtual/);
    });
  });

  describe("tty", () => {
    it("is not there, or is a file, or a directory: run names it and ends", async () => {
      writeFileSync(config, JSON.stringify({ ...GOOD, deviceDir: folder, chains: [0] }));
      const run = ["run", "--config", config, "--data", join(folder, "data"), "--json"];
      const tty = join(folder, "chain0.tty");
      const check = async (): Promise<void> => {
        const { code, context } = errorOf(await headframe(run));
        equal(code, "LINK_OPEN_FAILED");
        equal(context["tty"], tty);
        ok(String(context["reason"]).length > 0);
      };
      await check();
      writeFileSync(tty, "");
      await check();
      rmSync(tty);
      symlinkSync(folder, tty);
      await check();
    });
  });

  describe("capture", () => {
    it("has a broken line: wire decode and wire check name it", async () => {
      const broken = "# chip=BM1366\n0.000000 > 55aa520500000a\n0.1 ? 00\n";
      for (const word of ["decode", "check"]) {
        const args = ["wire", word, "--chip", "BM1366", "--json"];
        const { exitCode, stderr } = await headframe(args, broken);
        equal(exitCode, 1);
        const { error } = JSON.parse(stderr) as { error: Failure };
        equal(error.code, "CAPTURE_INVALID");
        equal(error.context["line"], 3);
        equal(error.context["text"], "0.1 ? 00");
      }
    });

    it("is not there", async () => {
      const missing = join(folder, "none");
      const args = ["wire", "decode", "--chip", "BM1366", "--json", missing];
      const error = errorOf(await headframe(args));
      deepEqual([error.code, error.context["file"]], ["CAPTURE_UNREADABLE", missing]);
    });
  });
});

interface Failure {
  readonly code: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** The last line of standard error; nothing on standard output, exit status 1. */
function errorOf({ exitCode, stdout, stderr }: Finished): Failure {
  equal(exitCode, 1, stderr);
  equal(stdout, "");
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  return (JSON.parse(last) as { error: Failure }).error;
}
