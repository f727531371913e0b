import { deepEqual, equal, match, ok } from "node:assert/strict";
import { decide } from "../../../src/cooling/decide.js";
import { ManualClock } from "../../../src/lib/clock.js";
import type { FlightEntry } from "../../../src/recorder/flight-entry.js";
import { FlightRecorder } from "../../../src/recorder/flight-recorder.js";
import { at, inputs, memory, PLAN, QUIET } from "../cooling/cooling-rig.js";
import { RecordedRig, replayed, withEntries } from "./recorded-rig.js";

/** The rig takes half a second for a minute of a machine that hashes. */
describe("replay of a recording", () => {
  let recorded: RecordedRig;

  before(async () => {
    recorded = new RecordedRig("s19k-pro", 1);
    const { rig } = recorded;
    await rig.apply({ do: "heal" });
    await rig.apply({ do: "wait", ms: 40_000 });
    await rig.apply({ do: "fault", name: "fanStalled", given: { fan: 1 } });
    await rig.apply({ do: "wait", ms: 15_000 });
  });

  after(() => {
    recorded.stop();
  });

  it("takes every decision again, and the trip", async () => {
    const report = await replayed(recorded.records);
    equal(report.first, null);
    ok(report.isSame && report.looks > 100 && report.coolingDecisions > 60);
    ok(report.lifeSteps > 20);
    equal(report.skipped, 0);
    equal(report.sessions, 1);
    deepEqual(report.recordedBy, ["then"]);
    const [trip] = report.trips;
    match(trip?.code ?? "", /^FAN_/);
    equal(trip?.replay, "same");
  });

  it("begins with the first keyframe where the beginning was overwritten", async () => {
    const { records } = recorded;
    const report = await replayed(records.slice(Math.floor(records.length / 5)), 77);
    ok(report.isSame && report.looks > 20 && report.coolingDecisions > 20);
    deepEqual([report.livesWithoutBeginning, report.lifeSteps], [1, 0]);
    equal(report.trips[0]?.replay, "same");
    deepEqual(report.gaps, []);
  });

  it("names a hole and goes on behind it with the next keyframes", async () => {
    const holed: unknown[] = [...recorded.records];
    const at = Math.floor(holed.length / 2);
    holed[at] = undefined;
    holed[at + 4] = { is: "no record" };
    const report = await replayed(holed);
    equal(
      report.gaps.reduce((sum, { records }) => sum + records, 0),
      2,
    );
    ok(report.skipped > 0 && report.isSame && report.looks > 100);
    ok(report.gaps.every(({ fromUnixMs, toUnixMs }) => (fromUnixMs ?? 0) <= (toUnixMs ?? 0)));
  });

  it("shows the first decision that another limit makes another one", async () => {
    const changed = withEntries(recorded.records, (entry): FlightEntry => {
      if (entry.kind !== "look" || entry.key === undefined) return entry;
      return { ...entry, key: { ...entry.key, limits: { ...entry.key.limits, boardCutC: 40 } } };
    });
    const { isSame, first, version } = await replayed(changed);
    equal(isSame, false);
    equal(version, "now");
    equal(first?.stream, "safety");
    equal(first.version, "then");
    equal(first.then, "all is well");
    match(first.now, /cut for TEMPERATURE_CUT .*cutC=40/);
  });

  it("shows the first decision that another target of the cooling makes another one", async () => {
    const changed = withEntries(recorded.records, (entry): FlightEntry => {
      if (entry.kind !== "cooling" || entry.key === undefined) return entry;
      const { key } = entry;
      const board = { ...key.plan.board, targetC: key.plan.board.targetC - 20 };
      return { ...entry, key: { ...key, plan: { ...key.plan, board } } };
    });
    const { isSame, first } = await replayed(changed);
    equal(isSame, false);
    equal(first?.stream, "cooling");
    match(first.now, /^fans at /);
  });

  it("takes decisions again with what was wished of the cooling then", async () => {
    const lines: string[] = [];
    const clock = new ManualClock();
    const recorder = new FlightRecorder({
      ...{ machine: "s19k-pro", version: "then", clock, session: "1" },
      sink: { append: (record) => lines.push(JSON.stringify(record)) },
      onTrouble: (error) => {
        throw error;
      },
    });
    const witness = recorder.cooling();
    let before = memory({ atMs: 0 });
    for (const plan of [PLAN, PLAN, QUIET, QUIET, PLAN]) {
      await clock.advance(1000);
      const seen = inputs({ nowMs: clock.nowMs(), temperatures: [at(64)] });
      const decision = decide(seen, plan, before);
      witness.decided(seen, plan, before, decision);
      before = decision.memory;
    }
    recorder.writeNow();
    const report = await replayed(lines.map((line) => JSON.parse(line) as unknown));
    deepEqual([report.isSame, report.coolingDecisions, report.first], [true, 5, null]);
  });

  it("shows the first step that the life of the machine takes otherwise", async () => {
    const changed = withEntries(recorded.records, (entry): FlightEntry => {
      if (entry.kind !== "life" || entry.what !== "begin") return entry;
      return { ...entry, setPoints: { ...(entry.setPoints as object), openMv: 12_345 } };
    });
    const { isSame, first } = await replayed(changed);
    equal(isSame, false);
    equal(first?.stream, "life");
    match(first.then, /^hardware\.rail\.prepare\(1\d{4}, null\)$/);
    equal(first.now, "hardware.rail.prepare(12345, null)");
  });

  it("sees a trip that was recorded and is not decided any more", async () => {
    const changed = withEntries(recorded.records, (entry): FlightEntry => {
      if (entry.kind !== "look" || (entry.off ?? []).length === 0) return entry;
      return { ...entry, cut: [], off: [{ code: "PSU_HOT", context: { tempC: 99, cutC: 95 } }] };
    });
    const { first } = await replayed(changed);
    match(first?.then ?? "", /power off for PSU_HOT/);
    match(first?.now ?? "", /power off for FAN_/);
  });
});
