import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mqttSchemas } from "../../../../scripts/docs/mqtt-schemas.js";
import { eventMessage } from "../../../../src/api/mqtt/event-message.js";
import { infoMessage, settingsMessage } from "../../../../src/api/mqtt/info.js";
import { networkFacts } from "../../../../src/api/mqtt/network-facts.js";
import {
  Backfill,
  Chips,
  Command,
  Event,
  Info,
  Result,
  Settings,
  Status,
  Tele,
} from "../../../../src/api/mqtt/payloads.js";
import { chips, row, tele } from "../../../../src/api/mqtt/render.js";
import type { PowerTargetSnapshot } from "../../../../src/telemetry/machine-snapshot.js";
import { Minute } from "../../../../src/telemetry/minute.js";
import { modeOf } from "../../../../src/telemetry/mode.js";
import { chain, pool, snapshot } from "../../commands/watch-snapshot.js";
import { NOW_UNIX_MS, vectors } from "./vectors.js";

const SNAPSHOT = snapshot([chain(0, [50, 60]), chain(1, [5, 6])], [pool("first")]);
const STAMP = { unixMs: NOW_UNIX_MS, boot: "b7c1", seq: 841 };

describe("MQTT payloads", () => {
  it("have the schemas that are written down", () => {
    const file = new URL("../../../../docs/mqtt-schemas.json", import.meta.url);
    ok(
      readFileSync(file, "utf8") === mqttSchemas(),
      "out of date: run npx tsx scripts/docs/mqtt-schemas.ts",
    );
  });

  it("fit the vectors where both say the same", () => {
    const { cases } = vectors<{ id: string; payload: unknown }>("mqtt-messages");
    const schemas = {
      ...{ will: Status, birth: Status, "planned-stop": Status, "tele-backfill": Backfill },
      ...{ "event-raised": Event, "event-cleared": Event, command: Command, broadcast: Command },
      ...{ result: Result, "result-refused": Result },
    };
    for (const [id, schema] of Object.entries(schemas)) {
      const { payload } = cases.find((each) => each.id === id) ?? {};
      ok(schema.safeParse(payload).success, id);
    }
  });

  it("tell the machine in SI units", () => {
    const told = tele(SNAPSHOT, STAMP);
    deepEqual(Tele.parse(told), told);
    deepEqual(told.hr, { s5: 1e13, m1: 1e13, m15: 1e13, av: 1e13, ideal: 2.5e13 });
    deepEqual([told.pw, told.fan, told.fanp], [{ w: 2712, v: 13.19 }, [6001, 6002], 100]);
    deepEqual([told.tmax, told.tctl], [49.3, 41.5]);
    deepEqual(told.bd[1], { i: 1, hr: 1e13, n: 2, hw: 0, f: 500, tp: [49.3, 49.3] });
  });

  it("tell how far an update is, while there is one", () => {
    const idle = {
      ...({ phase: "idle", slot: "a", runningVersion: "1.0.0", version: null } as const),
      ...{ progressPct: null, error: null },
    };
    equal(tele({ ...SNAPSHOT, update: idle }, STAMP).upd, undefined);
    const update = { ...idle, phase: "writing", version: "1.1.0", progressPct: 40 } as const;
    const told = tele({ ...SNAPSHOT, update }, STAMP);
    deepEqual(Tele.parse(told).upd, { ph: "writing", ver: "1.1.0", pct: 40 });
  });

  it("leave out what nobody knows", () => {
    const unknown = { value: null, ageS: null, evidence: "none" } as const;
    const told = tele({ ...SNAPSHOT, powerW: unknown, rail: null, hottestC: null }, STAMP);
    deepEqual([told.pw, "tmax" in told], [{}, false]);
    const held = { targetW: 2000, by: "curtail" } as unknown as PowerTargetSnapshot;
    equal(tele({ ...SNAPSHOT, powerTarget: held }, STAMP).pw.lim, 2000);
  });

  it("keep a minute, and the chips", () => {
    const seconds = new Minute();
    const figures = {
      ...{ hashrateThs: 10, powerW: 2700, efficiencyJPerTh: null, hottestC: 49.3, fanDutyPct: 100 },
      ...{ slowestFanRpm: 6000, accepted: 5, rejected: 0, stale: 1, uptimeS: 60 },
    };
    const last = { atUnixMs: NOW_UNIX_MS, state: "hashing", powerEvidence: "estimated", figures };
    seconds.add({ ...last, figures: { ...figures, hashrateThs: 30, powerW: null, hottestC: 40 } });
    seconds.add(last);
    const minute = row(seconds.end(last, null));
    const kept = { v: 1 as const, boot: "b7c1", rows: [minute] };
    deepEqual(Backfill.parse(kept), kept);
    deepEqual(minute, { ts: NOW_UNIX_MS, hr: 2e13, w: 2700, tmax: 49.3, acc: 5, rej: 0, st: 1 });
    const told = chips(SNAPSHOT, STAMP);
    deepEqual(Chips.parse(told).bd[0], { i: 0, nonces: [50, 60], hw: [0, 0] });
  });

  it("say what the miner is, and no secret", () => {
    const told = infoMessage(SNAPSHOT, {
      ...{ id: "a", program: "headframe", net: { mac: undefined, ip: "192.0.2.10" } },
      ...{
        key: { id: "k", publicPem: "p" },
        place: { rack: "r12" },
        groups: ["g"],
        commands: [],
        revision: "r",
      },
    });
    deepEqual(Info.parse(told), told);
    equal(told.boards[1]?.sn, "SER1");
    const pools = [{ url: "stratum+tcp://u:secret@host:1", user: "u", password: "secret" }];
    const settings = settingsMessage(SNAPSHOT, { pools, powerW: 3000 }, "r");
    deepEqual(Settings.parse(settings), settings);
    ok(!JSON.stringify(settings).includes("secret"));
  });

  it("make a fault a pair of events", () => {
    const trip = { atUnixMs: NOW_UNIX_MS, uptimeS: 1, kind: "trip", code: "FAN_MISSING" } as const;
    const at = { boot: "b7c1", seq: 12 };
    const raised = eventMessage({ ...trip, what: "cut", context: { slot: 1, fan: 2 } }, at);
    deepEqual(Event.parse(raised), raised);
    deepEqual([raised.state, raised.class, raised.board], ["raised", "thermal", 1]);
    equal(eventMessage({ ...trip, what: "cleared", context: {} }, at).state, "cleared");
  });

  it("have a mode for each state", () => {
    equal(modeOf("bringUp"), "starting");
    equal(modeOf("asleep"), "sleep");
  });

  it("name the device by its wired interface", () => {
    const address = { address: "192.0.2.1", family: "IPv4", internal: false } as const;
    const facts = networkFacts({
      lo: [{ ...address, internal: true, mac: "00:00:00:00:00:00", netmask: "", cidr: null }],
      wlan0: [{ ...address, mac: "02:00:00:00:00:02", netmask: "", cidr: null }],
      eth0: [{ ...address, mac: "02:00:5E:10:00:01", netmask: "", cidr: null }],
    });
    deepEqual(facts, { mac: "02:00:5e:10:00:01", ip: "192.0.2.1" });
  });
});
