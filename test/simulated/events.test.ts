import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal } from "../../src/app/kept/journal.js";
import { systemClock } from "../../src/lib/clock.js";
import { Program } from "./program.js";
import { until } from "./until.js";

describe("headframe events --follow", function () {
  this.timeout(60_000);
  let dataDir: string;
  let journal: Journal;
  let program: Program | undefined;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "headframe-events-"));
    const onTrouble = (error: Error): never => {
      throw error;
    };
    journal = await Journal.open({ dataDir, clock: systemClock, onTrouble });
  });

  afterEach(async () => {
    if (program?.isRunning === true) await program.kill();
    await journal.close();
    rmSync(dataDir, { recursive: true });
  });

  async function add(what: string): Promise<void> {
    journal.command(what, "socket", {});
    await journal.flush();
  }

  const printed = (): readonly unknown[] =>
    (program?.stdout ?? "")
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { readonly what: string }).what);

  async function untilPrinted(count: number): Promise<void> {
    const look = (): true | undefined => printed().length >= count || undefined;
    await until(look, { what: `${count} events`, facts: () => program?.stderr });
  }

  it("prints what there is, then what comes, each once, and ends when told to", async () => {
    await add("pause");
    program = new Program(["events", "--data", dataDir, "--follow", "--json"]);
    await untilPrinted(1);
    await add("resume");
    await add("sleep");
    await untilPrinted(3);
    deepEqual(printed(), ["pause", "resume", "sleep"]);
    program.signal("SIGTERM");
    equal(await program.ended, 0);
    equal(program.stderr, "");
  });
});
