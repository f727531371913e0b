import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { Journal, journalFile } from "../../../src/app/kept/journal.js";
import { LogCommands } from "../../../src/app/log-commands.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { LogRing } from "../../../src/lib/log-ring.js";

describe("the log and the events, as they are asked for", () => {
  let folder: string;
  let ring: LogRing;
  let commands: LogCommands;
  let journal: Journal;
  let clock: ManualClock;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "headframe-logs-"));
    clock = new ManualClock();
    ring = new LogRing();
    journal = await Journal.open({ dataDir: folder, clock, onTrouble: () => undefined });
    const events = { file: journalFile(folder), flush: () => journal.flush() };
    commands = new LogCommands({ lines: ring, events });
  });

  afterEach(async () => {
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are lines with level, text and facts, oldest first", () => {
    const log = pino({ level: "debug", base: null }, ring);
    log.debug("one");
    log.warn({ slot: 2, code: "FAN_SLOW" }, "two");
    log.error("three");
    const brief = (wish: Parameters<LogCommands["logs"]>[0]): unknown[] =>
      commands.logs(wish).lines.map(({ level, message, facts }) => [level, message, facts]);
    deepEqual(brief({}), [
      ["debug", "one", {}],
      ["warn", "two", { slot: 2, code: "FAN_SLOW" }],
      ["error", "three", {}],
    ]);
    deepEqual(brief({ level: "warn", last: 1 }), [["error", "three", {}]]);
    equal(commands.logs({ sinceUnixMs: Date.now() + 1000 }).lines.length, 0);
  });

  it("keep the newest lines, of a bounded size", () => {
    for (let each = 0; each < 700; each += 1) ring.write(`{"time":${each},"level":30,"msg":"x"}\n`);
    deepEqual([ring.lines.length, commands.logs({ last: 1 }).lines[0]?.atUnixMs], [500, 699]);
    for (let each = 0; each < 100; each += 1) ring.write(`{"msg":"${"y".repeat(4000)}"}`);
    equal(ring.lines.join("").length <= 128 * 1024, true);
  });

  it("are events of all processes, with what was written just now", async () => {
    journal.program("started", { version: "1" });
    await clock.advance(1000);
    journal.chain(1, { code: "CHAIN_SILENT", context: {} });
    const brief = async (wish: Parameters<LogCommands["events"]>[0]): Promise<unknown[]> =>
      (await commands.events(wish)).events.map(({ seq, kind, code }) => [seq, kind, code]);
    deepEqual(await brief({}), [
      [1, "program", null],
      [2, "chain", "CHAIN_SILENT"],
    ]);
    deepEqual(await brief({ code: true }), [[2, "chain", "CHAIN_SILENT"]]);
    deepEqual(await brief({ sinceUnixMs: clock.unixMs() }), [[2, "chain", "CHAIN_SILENT"]]);
    deepEqual(await brief({ last: 1 }), [[2, "chain", "CHAIN_SILENT"]]);
  });
});
