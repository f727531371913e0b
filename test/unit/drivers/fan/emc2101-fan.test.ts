import { deepEqual, equal, rejects } from "node:assert/strict";
import { Emc2101Fan } from "../../../../src/drivers/fan/emc2101-fan.js";
import { FakePart, PART_ADDRESS } from "../sensor/fake-part.js";

function fakeEmc2101(more: Readonly<Record<number, number>> = {}): FakePart {
  return new FakePart({ 0xfe: 0x5d, 0x03: 0x40, 0x4a: 0x20, 0x4c: 0x00, ...more });
}

describe("the fan of an EMC2101", () => {
  it("is made to count pulses and to take duties, with its duty left as it is", async () => {
    const part = fakeEmc2101({ 0x4c: 20 });
    await Emc2101Fan.open(part, PART_ADDRESS);
    deepEqual(
      [0x03, 0x4a, 0x4c].map((register) => part.registers.get(register)),
      [0x44, 0x23, 20],
    );
  });

  it("is not written to when another part sits there", async () => {
    const part = fakeEmc2101({ 0xfe: 0x55 });
    await rejects(Emc2101Fan.open(part, PART_ADDRESS), {
      code: "PWM_UNAVAILABLE",
      context: { output: "emc2101", address: "0x4c", identity: "0x55" },
    });
    equal(part.registers.get(0x4a), 0x20);
  });

  for (const [dutyPct, setting] of [
    [0, 0],
    [1, 1],
    [30, 19],
    [50, 32],
    [99, 63],
    [100, 63],
  ] as const)
    it(`is set to ${setting} of 63 for ${dutyPct} %, never slower than asked for`, async () => {
      const part = fakeEmc2101();
      const fan = await Emc2101Fan.open(part, PART_ADDRESS);
      await fan.setDutyPct(dutyPct);
      equal(part.registers.get(0x4c), setting);
      equal(await fan.readDutyPct(), (setting * 100) / 63);
    });

  it("is set up anew with the next duty when the part lost its settings", async () => {
    const part = fakeEmc2101();
    const fan = await Emc2101Fan.open(part, PART_ADDRESS);
    await fan.setDutyPct(60);
    for (const [register, value] of [
      [0x03, 0x40],
      [0x4a, 0x20],
      [0x4c, 0],
    ] as const)
      part.registers.set(register, value);
    await fan.setDutyPct(60);
    deepEqual(
      [0x03, 0x4a, 0x4c].map((register) => part.registers.get(register)),
      [0x44, 0x23, 38],
    );
  });

  it("refuses a duty that is none", async () => {
    const fan = await Emc2101Fan.open(fakeEmc2101(), PART_ADDRESS);
    for (const dutyPct of [-1, 101, NaN])
      await rejects(fan.setDutyPct(dutyPct), { code: "FIELD_INVALID" });
  });

  for (const [count, rpm] of [
    [0x0384, 6000],
    [0x0001, 5_400_000],
    [0x0000, 0],
    [0xffff, 0],
    [0xfff0, 0],
  ] as const)
    it(`turns at ${rpm} when the count is ${count}`, async () => {
      const part = fakeEmc2101({ 0x46: count & 0xff, 0x47: count >> 8 });
      const fan = await Emc2101Fan.open(part, PART_ADDRESS);
      part.reads.length = 0;
      equal(await fan.readRpm(), rpm);
      deepEqual(part.reads, [0x46, 0x47]);
    });

  it("says what failed when the part does not answer any more", async () => {
    const part = fakeEmc2101();
    const fan = await Emc2101Fan.open(part, PART_ADDRESS, "board-0");
    part.isSilent = true;
    const context = { output: "board-0" };
    await rejects(fan.setDutyPct(50), { code: "PWM_FAILED", context });
    await rejects(fan.readDutyPct(), { code: "PWM_FAILED", context });
    await rejects(fan.readRpm(), { code: "TACH_FAILED", context });
    await fan.close();
  });
});
