import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MqttService } from "../../../../src/api/mqtt/mqtt-service.js";
import { Drain } from "../../../../src/api/mqtt/drain.js";
import { Event, Row } from "../../../../src/api/mqtt/payloads.js";
import { Spool, type Spooled } from "../../../../src/api/mqtt/spool.js";
import { parseConfig } from "../../../../src/app/config.js";
import type { JournalEvent } from "../../../../src/app/kept/journal.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { TypedEmitter } from "../../../../src/lib/events.js";
import { createLogger } from "../../../../src/lib/logger.js";
import type { History } from "../../../../src/telemetry/history.js";
import { Minute } from "../../../../src/telemetry/minute.js";
import { chain, pool, snapshot } from "../../commands/watch-snapshot.js";

const CONFIG = parseConfig(
  JSON.stringify({
    ...{ machine: "s19k-pro", controlBoard: "amlogic-a113d", allowInferred: ["psuEnable"] },
    pools: [{ url: "stratum+tcp://pool.example:3333", user: "a.b" }],
    // Nobody listens there.
    mqtt: { brokers: [{ url: "mqtt://127.0.0.1:1" }], deviceId: "02005e100001" },
  }),
  "config.json",
);
const EVENT: JournalEvent = {
  ...{ atUnixMs: 1, uptimeS: 1, kind: "command", what: "machine.pause", code: null },
  context: { by: "socket" },
};

describe("MQTT without a broker", () => {
  let dataDir: string;
  let history: { readonly events: History["events"] };
  const clock = new ManualClock();
  const onTrouble = (error: unknown): void => {
    throw error;
  };

  beforeEach(() => {
    history = { events: new TypedEmitter() };
    dataDir = mkdtempSync(join(tmpdir(), "headframe-mqtt-"));
  });

  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  function start(
    events: TypedEmitter<{ added: [JournalEvent] }>,
    { now = snapshot, unheard = [] }: { now?: typeof snapshot; unheard?: JournalEvent[] } = {},
  ) {
    ok(CONFIG.mqtt);
    const journal = { events, takeUnheard: () => unheard.splice(0) };
    return MqttService.start({
      ...{ mqtt: CONFIG.mqtt, dataDir, clock, onTrouble, log: createLogger("silent") },
      ...{ config: () => CONFIG, revision: () => "r", journal, history },
      snapshot: () => now([chain(0, [1])], [pool("first")]),
      desk: { give: () => Promise.reject(new Error("nobody asks")) },
    });
  }

  async function stop(service: MqttService): Promise<void> {
    const stopped = service.stop();
    await clock.advance(5000);
    await stopped;
  }

  /** As the history does it. */
  function endMinute(hashrateThs: number): void {
    const figures = {
      ...{ hashrateThs, powerW: 3000, efficiencyJPerTh: 30, hottestC: 60, fanDutyPct: 50 },
      ...{ slowestFanRpm: 5000, accepted: 1, rejected: 0, stale: 0, uptimeS: 60 },
    };
    const last = { atUnixMs: clock.unixMs(), state: "hashing", powerEvidence: "measured", figures };
    const minute = new Minute();
    minute.add(last);
    history.events.emit("minute", minute.end(last, null));
  }

  it("keeps events and minutes of an hour, and all of them reach a broker in order", async () => {
    const events = new TypedEmitter<{ added: [JournalEvent] }>();
    const service = await start(events);
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(60_000);
      endMinute(100 + minute);
      if (minute % 10 === 0) events.emit("added", EVENT);
    }
    await stop(service);
    const spool = await Spool.open({ dataDir, clock, onTrouble });
    const sent: Spooled[] = [];
    const drain = new Drain({
      ...{ spool, clock },
      send: (entries) => {
        sent.push(...entries);
        return Promise.resolve(true);
      },
    });
    const fromMs = clock.nowMs();
    drain.start(0);
    while (spool.entries().length > 0) await clock.advance(100);
    const rows = sent.flatMap(({ is, value }) => (is === "row" ? [Row.parse(value)] : []));
    deepEqual(
      rows.map(({ hr }) => hr / 1e12),
      Array.from({ length: 60 }, (_, minute) => 100 + minute),
    );
    ok(rows.every(({ ts }, at) => at === 0 || ts - (rows[at - 1]?.ts ?? 0) === 60_000));
    equal(sent.length, 66);
    ok(clock.nowMs() - fromMs < 30_000);
    drain.stop();
    await spool.close();
  });

  it("begins with what was told before it heard", async () => {
    const events = new TypedEmitter<{ added: [JournalEvent] }>();
    const service = await start(events, { unheard: [EVENT, { ...EVENT, what: "machine.resume" }] });
    events.emit("added", { ...EVENT, what: "system.restart" });
    await stop(service);
    const spool = await Spool.open({ dataDir, clock, onTrouble });
    const told = spool.entries().map(({ value }) => Event.parse(value));
    deepEqual(
      told.map(({ seq, code }) => [seq, code]),
      [
        [1, "command.machine.pause"],
        [2, "command.machine.resume"],
        [3, "command.system.restart"],
      ],
    );
    await spool.close();
  });

  it("lets nothing that fails in it reach the machine", async () => {
    const events = new TypedEmitter<{ added: [JournalEvent] }>();
    let asked = 0;
    const now = (): never => {
      asked += 1;
      throw new Error("no snapshot");
    };
    const service = await start(events, { now });
    // Too long for the ring.
    events.emit("added", { ...EVENT, context: { text: "x".repeat(100_000) } });
    await clock.advance(3 * 60_000);
    // Nobody is there to be told.
    equal(asked, 0);
    endMinute(NaN);
    await stop(service);
  });
});
