import { deepEqual, equal, ok } from "node:assert/strict";
import type { Snapshot } from "../../src/telemetry/snapshot.js";
import { assertBuilt, Program } from "./program.js";
import { type Rig, rigs } from "./rig.js";
import { TerminalProgram, type TerminalOptions } from "./terminal.js";
import { until } from "./until.js";

describe("watch", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();
  const running: TerminalProgram[] = [];

  afterEach(async () => {
    for (const program of running.splice(0)) await program.stop();
  });

  function watch(
    { dataDir }: Pick<Rig, "dataDir">,
    options: TerminalOptions = {},
  ): TerminalProgram {
    const program = new TerminalProgram(["watch", "--data", dataDir], options);
    running.push(program);
    return program;
  }

  /** The screen is as it was before; what was written last may still be on its way. */
  async function restored(screen: TerminalProgram): Promise<void> {
    const what = "the terminal as it was";
    await until(() => (!screen.isFullScreen && screen.wrapsLines) || undefined, { what });
  }

  it("shows the mining machine, a dead chip in it, and gives the terminal back", async () => {
    const mine = await rig.start({
      ...{ machine: "s19k-pro", chains: [0], pool: { startDifficulty: 256 } },
      faults: [{ name: "chipHung", chain: 0, chip: 42 }],
      config: { ticketDifficulty: 16 },
    });
    await mine.untilMining();
    const screen = watch(mine, { columns: 100 });
    await screen.until("the dead chip stands out", (text) => /0\/0 {3}#{42}x#{34}/.test(text));
    const { rows, text } = screen;
    ok(text.includes("s19k-pro on virtual"));
    ok(/^0 +hashing +77\/77 /m.test(text), text);
    ok(/^hashing for /m.test(text), text);
    ok(/^rail on, set to 1\d\.\d\d V, measured 1\d\.\d\d V/m.test(text), text);
    ok(/^fans \d+ %: \d{4} \d{4} \d{4} \d{4} rpm; hottest \d\d\.\d C/m.test(text), text);
    ok(/active +ready +[1-9]/.test(text), text);
    ok(/shares? accepted/.test(text), text);
    const chips = rows.findIndex((row) => row.startsWith("0/0"));
    const cells = screen.cells(chips).filter(({ text: shown }) => shown === "x");
    deepEqual(
      cells.map(({ isColored }) => isColored),
      [true],
    );
    ok(screen.isFullScreen);
    ok(screen.settings.includes("-icanon"), "keys come one by one");

    screen.type("q");
    equal(await screen.ended, 0);
    equal(screen.stderr, "");
    await restored(screen);
    ok(screen.settings.includes(" icanon"), "lines are edited again");
  });

  it("fits itself to the terminal, and uses no colours where they are not wanted", async () => {
    const mine = await rig.start();
    await mine.untilMining();
    const screen = watch(mine, { rows: 30, columns: 90, env: { NO_COLOR: "1" } });
    await screen.until("the machine", (text) => text.includes("TH/s"));
    ok(screen.rows.every((_, row) => screen.cells(row).every(({ isColored }) => !isColored)));
    screen.resize(6, 30);
    await screen.until("six rows", (text) => text.split("\n")[5]?.trim() === "q quits");
    screen.resize(30, 120);
    await screen.until("the pool again", (text) => /active +ready/.test(text));
    screen.type("\u0003");
    equal(await screen.ended, 0);
  });

  it("shows that the controller goes away and comes back", async () => {
    const mine = await rig.start();
    await mine.untilMining();
    const screen = watch(mine);
    await screen.until("the machine", (text) => /active +ready/.test(text));
    await mine.controller.stop();
    await screen.until("the silence", (text) => text.includes("NO ANSWER"));
    ok(/active +ready/.test(screen.text), "what was last known stays");
    mine.startController();
    await screen.until("the new controller", (text) => {
      return !text.includes("NO ANSWER") && text.includes("was started anew");
    });
    screen.signal("SIGTERM");
    equal(await screen.ended, 0);
    await restored(screen);
  });

  it("ends when its terminal goes away", async () => {
    const mine = await rig.start();
    const screen = watch(mine);
    await screen.until("it draws", (text) => text.includes("q quits"));
    screen.hangUp();
    await screen.ended;
  });

  it("prints a snapshot a second where there is no terminal, and what is wrong while there is none", async () => {
    const mine = await rig.start();
    await mine.untilMining();
    const program = new Program(["watch", "--data", mine.dataDir]);
    const lines = (): readonly (Partial<Snapshot> & { readonly error?: { code: string } })[] =>
      program.stdout
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Partial<Snapshot>);
    await until(() => lines().length >= 2 || undefined, { what: "two snapshots" });
    equal(lines()[0]?.machine, "bitaxe-gamma");
    await mine.controller.stop();
    await until(() => lines().at(-1)?.error?.code === "CONTROL_UNREACHABLE" || undefined, {
      what: "the silence",
    });
    equal(program.stdout.includes("\x1b"), false);
    equal(await program.stop(), 0);
  });
});
