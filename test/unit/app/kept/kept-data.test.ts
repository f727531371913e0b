import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { journalFile, type JournalEvent } from "../../../../src/app/kept/journal.js";
import type { CommandAnswer } from "../../../../src/app/commands/command-answer.js";
import { CommandDesk } from "../../../../src/app/commands/command-desk.js";
import { command, plainCommand } from "../../../../src/app/commands/command-entry.js";
import { KeptData } from "../../../../src/app/kept/kept-data.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { parseRing } from "../../../../src/lib/ring-text.js";

function refuse(): never {
  throw new MinerError("CONFIG_INVALID", { field: "freqMHz" });
}

describe("the data directory", () => {
  let dataDir: string;
  let clock: ManualClock;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "headframe-data-"));
    clock = new ManualClock();
  });

  afterEach(() => rm(dataDir, { recursive: true }));

  function open(): Promise<KeptData> {
    return KeptData.open({ dataDir, clock, log: createLogger("silent") });
  }

  async function events(): Promise<readonly JournalEvent[]> {
    const { records } = parseRing(await readFile(journalFile(dataDir)));
    return records.map(({ value }) => value as JournalEvent);
  }

  const brief = (all: readonly JournalEvent[]): unknown[] =>
    all.map(({ kind, what, code, context }) => [kind, what, code, context]);

  it("says after a restart what happened, with codes, facts and times", async () => {
    const { journal, trips, ...data } = await open();
    journal.state({ is: "identify" }, "off");
    const error = new MinerError("TEMPERATURE_CUT", { slot: 1, tempC: 95 });
    const retryAtMs = undefined;
    journal.state({ is: "fault", error, failures: 1, retryAtMs }, "identify");
    const { id } = trips.record({
      ...{ atUnixMs: clock.unixMs(), code: error.code, context: error.context, facts: {} },
      ...{ action: "cut", slot: null, by: "rule" },
    });
    trips.clear(id, "owner");
    journal.chain(2, new MinerError("CHAIN_SILENT", { tty: "ttyS1" }));
    await trips.kept();
    await journal.flush();
    const all = await events();
    deepEqual(brief(all), [
      ["state", "identify", null, { before: "off" }],
      ["state", "fault", "TEMPERATURE_CUT", { slot: 1, tempC: 95, before: "identify" }],
      ["trip", "cut", "TEMPERATURE_CUT", { slot: null, tempC: 95, by: "rule", id }],
      ["trip", "cleared", "TEMPERATURE_CUT", { slot: null, tempC: 95, by: "owner", id }],
      ["chain", "failed", "CHAIN_SILENT", { tty: "ttyS1", slot: 2 }],
    ]);
    for (const { atUnixMs, uptimeS } of all) {
      equal(atUnixMs, clock.unixMs());
      ok(uptimeS > 0);
    }
    data.disk.stop();
    await journal.close();
  });

  it("remembers commands with who gave them and their result, no questions and no passwords", async () => {
    const data = await open();
    const desk = new CommandDesk({
      commands: {
        status: plainCommand("read", () => 1),
        "machine.curtail": plainCommand("operate", () => Promise.resolve("off")),
        "machine.set": command("configure", z.looseObject({}), "", refuse, true),
        "pools.set": command("configure", z.looseObject({}), "", () => "done"),
      },
      scopes: { socket: ["read", "operate", "configure"] },
      journal: data.journal,
      clock,
    });
    const give = (id: string, name: string, params?: unknown): Promise<CommandAnswer> =>
      desk.give({ id, name, params, by: { way: "socket", who: "" }, expiresUnixMs: null });
    deepEqual(await give("a", "status"), { id: "a", is: "done", result: 1 });
    deepEqual(await give("b", "machine.curtail"), { id: "b", is: "done", result: "off" });
    await give("c", "pools.set", { password: "secret" });
    equal((await give("d", "machine.set", { freqMHz: 9999, railMv: null })).is, "refused");
    await data.stop();
    const by = "control socket";
    deepEqual(brief(await events()), [
      ["command", "machine.curtail", null, { commandId: "b", by, result: "done" }],
      ["command", "pools.set", null, { commandId: "c", by, result: "done" }],
      [
        "command",
        "machine.set",
        "CONFIG_INVALID",
        { field: "freqMHz", freqMHz: 9999, commandId: "d", by, result: "refused" },
      ],
    ]);
  });

  it("remembers that a file was damaged, and which one goes on", async () => {
    await writeFile(join(dataDir, "counters.json"), "{");
    const data = await open();
    await data.stop();
    const [{ kind, what, code, context } = {} as JournalEvent] = await events();
    deepEqual([kind, what, code], ["data", "trouble", "COUNTERS_UNREADABLE"]);
    equal(await readFile(String(context["keptAs"]), "utf8"), "{");
    equal(context["continuedFrom"], "nothing");
  });

  it("shortens facts that somebody else made long", async () => {
    const data = await open();
    data.journal.chain(0, new MinerError("CHAIN_SILENT", { reason: "x".repeat(50_000) }));
    await data.stop();
    const [event] = await events();
    equal(String(event?.context["reason"]).length, 303);
  });
});
