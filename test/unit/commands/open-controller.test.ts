import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { LocalController } from "../../../src/api/client/local-controller.js";
import { RemoteController } from "../../../src/api/client/remote-controller.js";
import type { Controller } from "../../../src/api/client/controller.js";
import { addControllerOptions, controllerOf } from "../../../src/commands/open-controller.js";
import { whileWaiting } from "../../../src/commands/progress.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { isMinerError } from "../../../src/lib/errors.js";

describe("the controller that a command is for", () => {
  const before = process.env["HEADFRAME_TOKEN"];
  let folder: string;

  beforeEach(() => {
    delete process.env["HEADFRAME_TOKEN"];
    folder = mkdtempSync(join(tmpdir(), "headframe-open-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    if (before === undefined) delete process.env["HEADFRAME_TOKEN"];
    else process.env["HEADFRAME_TOKEN"] = before;
  });

  function open(...args: readonly string[]): Controller | undefined {
    let controller: Controller | undefined;
    const quiet = { writeErr: () => undefined };
    const command = addControllerOptions(new Command("test").exitOverride().configureOutput(quiet));
    command.action((_flags: unknown, self: Command) => {
      controller = controllerOf(self, "silent");
    });
    command.parse(args, { from: "user" });
    return controller;
  }

  const wrongUsage = (...args: readonly string[]): void => {
    throws(
      () => open(...args),
      (error) => error instanceof CommanderError && error.exitCode !== 0,
    );
  };

  it("is that of a data directory, or one on the network, and never both or none", () => {
    ok(open("--data", "d") instanceof LocalController);
    process.env["HEADFRAME_TOKEN"] = "hf_1_a";
    for (const host of ["miner-7.lan", "miner-7.lan:8443", "http://192.0.2.7", "[2001:db8::7]:443"])
      ok(open("--host", host) instanceof RemoteController, host);
    wrongUsage();
    wrongUsage("--data", "d", "--host", "miner-7.lan");
    for (const host of ["ftp://miner", "http://miner/path", "me:word@miner", "a b", ""])
      wrongUsage("--host", host);
  });

  it("takes a token from a file or the environment, and has no option for it", () => {
    wrongUsage("--host", "miner-7.lan");
    const file = join(folder, "token");
    writeFileSync(file, "hf_1_a\nsecond line\n");
    ok(open("--host", "miner-7.lan", "--token-file", file) instanceof RemoteController);
    writeFileSync(file, "no token\r\n");
    wrongUsage("--host", "miner-7.lan", "--token-file", file);
    throws(
      () => open("--host", "miner-7.lan", "--token-file", join(folder, "none")),
      (error) => isMinerError(error, "USAGE"),
    );
    wrongUsage("--host", "miner-7.lan", "--token", "hf_1_a");
  });

  it("has another name for the authority where --ca is that of a pool", () => {
    const command = addControllerOptions(new Command().option("--ca <file>", "of the pool"));
    deepEqual(
      command.options.flatMap(({ long }) => (long?.endsWith("ca") === true ? [long] : [])),
      ["--ca", "--host-ca"],
    );
  });
});

describe("progress", () => {
  it("is told on a terminal after a second, and gone with the answer", async () => {
    const clock = new ManualClock();
    let shown = "";
    const screen = { isTTY: true, write: (text: string) => (shown += text) };
    const answer = whileWaiting("machine.set", () => clock.sleep(3500), screen, clock);
    await clock.advance(900);
    equal(shown, "");
    await clock.advance(2600);
    await answer;
    equal(
      shown,
      "\r\x1b[Kmachine.set: 1 s\r\x1b[Kmachine.set: 2 s\r\x1b[Kmachine.set: 3 s\r\x1b[K",
    );
    shown = "";
    const quick = whileWaiting("status", () => clock.sleep(10), screen, clock);
    await clock.advance(5000);
    await quick;
    equal(shown, "");
  });

  it("is not told to a pipe", async () => {
    const clock = new ManualClock();
    let shown = "";
    const answer = whileWaiting(
      "x",
      () => clock.sleep(5000),
      { write: (t) => (shown += t) },
      clock,
    );
    await clock.advance(5000);
    await answer;
    equal(shown, "");
  });
});
