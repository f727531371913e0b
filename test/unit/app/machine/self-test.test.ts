import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { SelfTestReport } from "../../../../src/app/machine/self-test.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { MachineRig } from "./machine-rig.js";

describe("self-test of the machine", () => {
  let rig: MachineRig;

  beforeEach(async () => {
    rig = new MachineRig();
    await rig.open();
  });

  afterEach(() => rig.close());

  async function test(): Promise<SelfTestReport> {
    await rig.run(rig.hardware.identify(rig.stop.signal));
    return rig.run(rig.hardware.selfTest(rig.stop.signal));
  }

  const codes = ({ slots }: SelfTestReport): string[] =>
    slots.map(({ verdict }) => (verdict.is === "isolated" ? verdict.code : verdict.is));

  it("passes a good machine quickly", async () => {
    const report = await test();
    deepEqual(report.machine, []);
    deepEqual(codes(report), ["usable", "usable", "usable"]);
    deepEqual(rig.hardware.poweredSlots, [0, 1, 2]);
    ok(rig.clock.nowMs() < 2000);
  });

  for (const [title, rpm, code] of [
    ["stands", 0, "FAN_MISSING"],
    ["is slow", 4000, "FAN_SLOW"],
  ] as const)
    it(`lets nobody go on when a fan ${title}`, async () => {
      rig.parts.tachs[3]!.rpm = rpm;
      const report = await test();
      deepEqual([report.machine[0]?.code, report.machine[0]?.context["fan"]], [code, 4]);
    });

  it("lets nobody go on without a supply", async () => {
    rig.parts.supply = new MinerError("PSU_TYPE_UNKNOWN", { type: "0x99" });
    const report = await test();
    deepEqual(report.machine, [{ code: "PSU_TYPE_UNKNOWN", context: { type: "0x99" } }]);
  });

  it("isolates a board whose sensors are too far apart, and goes on with the rest", async () => {
    Object.assign(rig.parts.boards[1]!.temperatures, { inlet: 25, outlet: 40.5 });
    const report = await test();
    deepEqual(codes(report), ["usable", "SENSORS_DISAGREE", "usable"]);
    deepEqual(report.machine, []);
    deepEqual(rig.hardware.poweredSlots, [0, 2]);
    ok(rig.clock.nowMs() < 35_000);
  });

  it("bears sensors that are just not too far apart", async () => {
    Object.assign(rig.parts.boards[1]!.temperatures, { inlet: 25, outlet: 40 });
    deepEqual(codes(await test()), ["usable", "usable", "usable"]);
  });

  it("gives a board that ran before time to cool evenly", async () => {
    Object.assign(rig.parts.boards[1]!.temperatures, { inlet: 30, outlet: 60 });
    await rig.run(rig.hardware.identify(rig.stop.signal));
    const report = rig.hardware.selfTest(rig.stop.signal);
    await rig.clock.advance(10_000);
    rig.parts.boards[1]!.temperatures["outlet"] = 44;
    deepEqual(codes(await rig.run(report)), ["usable", "usable", "usable"]);
  });

  for (const [reading, code] of [
    ["silent", "SENSOR_SILENT"],
    ["hangs", "SENSOR_SILENT"],
    ["implausible", "SENSOR_IMPLAUSIBLE"],
  ] as const)
    it(`isolates a board whose sensor is ${reading} by now`, async () => {
      await rig.run(rig.hardware.identify(rig.stop.signal));
      rig.parts.boards[0]!.temperatures["inlet"] = reading;
      await rig.clock.advance(4000);
      const report = await rig.run(rig.hardware.selfTest(rig.stop.signal));
      deepEqual(codes(report), [code, "usable", "usable"]);
    });

  it("keeps what identification said of a slot", async () => {
    rig.parts.boards[2]!.remove();
    deepEqual(codes(await test()), ["usable", "usable", "BOARD_MISSING"]);
    deepEqual(rig.hardware.poweredSlots, [0, 1]);
  });

  it("needs to know what is fitted", async () => {
    await rejects(rig.hardware.selfTest(rig.stop.signal), { code: "COMMAND_REFUSED" });
  });

  it("ends when it is told to", async () => {
    rig.parts.tachs[0]!.rpm = 0;
    await rig.run(rig.hardware.identify(rig.stop.signal));
    const report = rig.hardware.selfTest(rig.stop.signal);
    await rig.clock.advance(1000);
    const reason = new Error("stopped");
    rig.stop.abort(reason);
    await rejects(rig.run(report), reason);
    equal(rig.supply.isOn, false);
  });
});
