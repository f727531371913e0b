import { deepEqual, equal, ok } from "node:assert/strict";
import { BodyRig } from "./rig.js";

const PERIOD_NS = 100_000;
/** Time of a tach pulse at 6600 rpm and two pulses a turn. */
const FULL_PULSE_NS = 60e9 / (6600 * 2);

describe("lines of the virtual control board", () => {
  it("turns all fans at full speed until somebody sets a duty", async () => {
    const rig = new BodyRig();
    deepEqual(rig.body.lines.getPwm("fan-front"), { periodNs: 0, dutyNs: 0 });
    const { fans } = await rig.run(20);
    for (const { rpm } of fans) ok(Math.abs(rpm / 6600 - 1) < 0.04);
  });

  it("drives fans 1 and 3 by one output, 2 and 4 by the other", async () => {
    const rig = new BodyRig();
    ok(rig.body.lines.setPwm("fan-front", PERIOD_NS, 50_000));
    deepEqual(rig.body.lines.getPwm("fan-front"), { periodNs: PERIOD_NS, dutyNs: 50_000 });
    const { fans } = await rig.run(30);
    deepEqual(
      fans.map(({ dutyPct }) => dutyPct),
      [50, 100, 50, 100],
    );
    for (const at of [0, 2]) ok(Math.abs(fans[at]!.rpm / (0.67 * 6600) - 1) < 0.05);
  });

  it("lets a fan follow its duty over some seconds", async () => {
    const rig = new BodyRig();
    await rig.run(30);
    rig.setDuty(0.2);
    const after: number[] = [];
    for (let second = 0; second < 6; second++) after.push((await rig.run(1)).fans[0]!.rpm);
    ok(after.every((rpm, at) => at === 0 || rpm < after[at - 1]!));
    ok(after[0]! > 5000 && after[5]! < 3200);
  });

  it("gives the time of a tach pulse, and none for what stands still", async () => {
    const rig = new BodyRig();
    await rig.run(20);
    const period = rig.body.lines.readTach("fan-1")!;
    ok(Math.abs(period / FULL_PULSE_NS - 1) < 0.04);
    rig.setDuty(0);
    await rig.run(30);
    equal(rig.body.lines.readTach("fan-1"), null);
    equal(rig.body.lines.readTach("fan-5"), undefined);
  });

  it("pulls the line of a button low while it is pressed", () => {
    const { lines } = new BodyRig().body;
    equal(lines.read("button-ip-report"), 1);
    ok(lines.press("button-ip-report", true));
    equal(lines.read("button-ip-report"), 0);
    ok(lines.press("button-ip-report", false));
    equal(lines.read("button-ip-report"), 1);
    ok(!lines.press("led-red", true));
    ok(!lines.write("button-ip-report", 0));
  });

  it("refuses what no PWM can do, and outputs that are not there", () => {
    const { lines } = new BodyRig().body;
    for (const [output, periodNs, dutyNs] of [
      ["fan-left", PERIOD_NS, 0],
      ["fan-front", 0, 0],
      ["fan-front", PERIOD_NS, PERIOD_NS + 1],
      ["fan-front", PERIOD_NS, -1],
      ["fan-front", NaN, 0],
    ] as const)
      equal(lines.setPwm(output, periodNs, dutyNs), false);
    equal(lines.getPwm("fan-left"), undefined);
  });

  it("has plug-detect inputs and LEDs, and nothing else", () => {
    const { lines } = new BodyRig().body;
    equal(lines.read("plug-0"), 1);
    equal(lines.read("plug-3"), 0);
    equal(lines.read("plug-4"), undefined);
    ok(lines.write("led-red", 1));
    equal(lines.read("led-red"), 1);
    equal(lines.write("plug-0", 0), false);
  });

  it("falls back to its start when its watchdog is not fed", async () => {
    const rig = new BodyRig();
    rig.setDuty(0.3);
    ok(rig.body.lines.openWatchdog(5, rig.clock.nowMs()));
    for (let turn = 0; turn < 4; turn++) {
      await rig.run(4);
      ok(rig.body.lines.feedWatchdog(rig.clock.nowMs()));
    }
    const { watchdog, fans } = await rig.run(6);
    deepEqual(watchdog, { timeoutS: null, bites: 1 });
    equal(rig.controlBoardResets, 1);
    equal(fans[0]?.dutyPct, 100);
    equal(rig.body.lines.feedWatchdog(rig.clock.nowMs()), false);
  });

  it("lets go of a watchdog that was closed", async () => {
    const rig = new BodyRig();
    rig.body.lines.openWatchdog(5, rig.clock.nowMs());
    rig.body.lines.closeWatchdog();
    equal((await rig.run(20)).watchdog.bites, 0);
    equal(rig.body.lines.openWatchdog(0, 0), false);
  });
});
