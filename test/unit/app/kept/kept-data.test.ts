import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { journalFile, type JournalEvent } from "../../../../src/app/kept/journal.js";
import { journaled } from "../../../../src/app/kept/journaled.js";
import { KeptData } from "../../../../src/app/kept/kept-data.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { parseRing } from "../../../../src/lib/ring-text.js";

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
    const handlers = journaled(
      {
        status: () => 1,
        "machine.curtail": () => Promise.resolve("off"),
        "machine.set": () => {
          throw new MinerError("CONFIG_INVALID", { field: "freqMHz" });
        },
        "pools.set": () => "done",
      },
      data.journal,
      "control socket",
    );
    equal(await handlers["status"]?.(undefined), 1);
    equal(await handlers["machine.curtail"]?.(undefined), "off");
    await handlers["pools.set"]?.({ password: "secret" });
    const refused = handlers["machine.set"]?.({ freqMHz: 9999, railMv: null }) as Promise<unknown>;
    equal(await refused.catch((error: unknown) => (error as MinerError).code), "CONFIG_INVALID");
    await data.stop();
    const by = "control socket";
    deepEqual(brief(await events()), [
      ["command", "machine.curtail", null, { by, result: "done" }],
      ["command", "pools.set", null, { by, result: "done" }],
      [
        "command",
        "machine.set",
        "CONFIG_INVALID",
        { field: "freqMHz", freqMHz: 9999, by, result: "refused" },
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
