import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertBuilt, headframe } from "./program.js";

const SCREEN_COLUMNS = 80;
const SCREEN_LINES = 24;
const CONFIG = {
  machine: "s19k-pro",
  controlBoard: "amlogic-a113d",
  pools: [{ url: "stratum+tcp://127.0.0.1:3333", user: "a.b" }],
};

describe("headframe run on an ordinary computer", function () {
  this.timeout(60_000);
  before(assertBuilt);
  let folder: string;
  let run: readonly string[];

  beforeEach(function () {
    if (existsSync("/proc/device-tree/model")) this.skip();
    folder = mkdtempSync(join(tmpdir(), "headframe-pc-"));
    const config = join(folder, "config.json");
    writeFileSync(config, JSON.stringify(CONFIG));
    run = ["run", "--config", config, "--data", join(folder, "data")];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("says in one screen what it looked for, what is missing and what to do, and exits 1", async () => {
    const { exitCode, stdout, stderr } = await headframe(run);
    deepEqual([exitCode, stdout], [1, ""]);
    const rows = stderr
      .trimEnd()
      .split("\n")
      .map((line) => Math.ceil(Math.max(line.length, 1) / SCREEN_COLUMNS));
    ok(rows.reduce((sum, each) => sum + each, 0) <= SCREEN_LINES, stderr);
    match(stderr, /looked for +found/);
    for (const part of ["device tree", "I2C to boards", "GPIO lines", "fan PWM", "watchdog"])
      match(stderr, new RegExp(`^ {2}${part} `, "m"));
    match(stderr, /What to do:\n.*headframe demo/);
    match(stderr, /^HARDWARE_MISSING: /m);
  });

  it("gives programs the missing parts as JSON and nothing else", async () => {
    const { exitCode, stderr } = await headframe([...run, "--json"]);
    equal(exitCode, 1);
    const { error } = JSON.parse(stderr) as {
      error: { code: string; context: Readonly<Record<string, string>> };
    };
    equal(error.code, "HARDWARE_MISSING");
    deepEqual(
      [error.context["machine"], error.context["controlBoard"]],
      [CONFIG.machine, CONFIG.controlBoard],
    );
    match(error.context["missing"] ?? "", /^device tree, /);
  });
});
