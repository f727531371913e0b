import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MqttService } from "../../../../src/api/mqtt/mqtt-service.js";
import { Spool } from "../../../../src/api/mqtt/spool.js";
import { parseConfig } from "../../../../src/app/config.js";
import type { JournalEvent } from "../../../../src/app/kept/journal.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { TypedEmitter } from "../../../../src/lib/events.js";
import { createLogger } from "../../../../src/lib/logger.js";
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
  const clock = new ManualClock();
  const onTrouble = (error: unknown): void => {
    throw error;
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "headframe-mqtt-"));
  });

  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  function start(events: TypedEmitter<{ added: [JournalEvent] }>, now = snapshot) {
    ok(CONFIG.mqtt);
    return MqttService.start({
      ...{ mqtt: CONFIG.mqtt, dataDir, clock, onTrouble, log: createLogger("silent") },
      ...{ config: () => CONFIG, revision: () => "r", journal: { events } },
      snapshot: () => now([chain(0, [1])], [pool("first")]),
      desk: { give: () => Promise.reject(new Error("nobody asks")) },
    });
  }

  it("keeps events, and a record of each minute", async () => {
    const events = new TypedEmitter<{ added: [JournalEvent] }>();
    const service = await start(events);
    events.emit("added", EVENT);
    await clock.advance(3 * 60_000);
    const stopped = service.stop();
    await clock.advance(5000);
    await stopped;
    const spool = await Spool.open({ dataDir, clock, onTrouble });
    deepEqual(
      spool.entries().map(({ is }) => is),
      ["event", "row", "row", "row"],
    );
    await spool.close();
  });

  it("lets nothing that fails in it reach the machine", async () => {
    const events = new TypedEmitter<{ added: [JournalEvent] }>();
    let asked = 0;
    const service = await start(events, () => {
      asked += 1;
      throw new Error("no snapshot");
    });
    // Too long for the ring.
    events.emit("added", { ...EVENT, context: { text: "x".repeat(100_000) } });
    await clock.advance(3 * 60_000);
    equal(asked, 3);
    const stopped = service.stop();
    await clock.advance(5000);
    await stopped;
  });
});
