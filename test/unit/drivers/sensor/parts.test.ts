import { equal, rejects } from "node:assert/strict";
import { emc2101 } from "../../../../src/drivers/sensor/emc2101.js";
import { lm75 } from "../../../../src/drivers/sensor/lm75.js";
import { tmp1075 } from "../../../../src/drivers/sensor/tmp1075.js";
import { tmp451 } from "../../../../src/drivers/sensor/tmp451.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { FakePart, PART_ADDRESS } from "./fake-part.js";

const OUTDOORS = { minC: -40, maxC: 120 };

describe("an LM75", () => {
  const at = { part: "lm75", place: "outlet" } as const;

  it("gives its temperature, with the offset of the board", async () => {
    const sensor = lm75(new FakePart({ 0: 0x1910 }), PART_ADDRESS, { ...at, offsetC: 2 });
    equal(await sensor.readTempC(), 27.0625);
    equal(sensor.part, "lm75");
    equal(sensor.place, "outlet");
  });

  for (const [raw, reason, tempC] of [
    [0x0000, "zero", 0],
    [0xffff, "allOnes", -0.0625],
    [0x7f00, "above", 127],
    [0x7810, "above", 120.0625],
    [0xff00, "below", -1],
    [0xfff0, "below", -0.0625],
    [0x8000, "below", -128],
  ] as const)
    it(`gives no temperature when it reads ${raw.toString(16)}`, async () => {
      const sensor = lm75(new FakePart({ 0: raw }), PART_ADDRESS, at);
      await rejects(sensor.readTempC(), {
        code: "SENSOR_IMPLAUSIBLE",
        context: { ...at, reason, tempC, rawHex: raw.toString(16).padStart(4, "0") },
      });
    });

  for (const raw of [0x0010, 0x7800, 0x5500])
    it(`gives a temperature when it reads ${raw.toString(16)}, at the bounds`, async () => {
      equal(await lm75(new FakePart({ 0: raw }), PART_ADDRESS, at).readTempC(), raw / 256);
    });

  it("gives frost where frost is plausible, but neither 0 nor what an empty bus reads", async () => {
    const read = (raw: number): Promise<number> =>
      lm75(new FakePart({ 0: raw }), PART_ADDRESS, { ...at, range: OUTDOORS }).readTempC();
    equal(await read(0xec00), -20);
    for (const raw of [0x0000, 0xffff, 0xd700, 0x7f00])
      await rejects(read(raw), { code: "SENSOR_IMPLAUSIBLE" });
  });

  it("is judged before its offset, which may make anything of a dead part", async () => {
    const sensor = lm75(new FakePart({ 0: 0 }), PART_ADDRESS, { ...at, offsetC: 20 });
    await rejects(sensor.readTempC(), { code: "SENSOR_IMPLAUSIBLE" });
  });

  it("is silent as its bus says", async () => {
    const part = new FakePart({ 0: 0x1900 });
    part.isSilent = true;
    await rejects(lm75(part, PART_ADDRESS, at).readTempC(), { code: "I2C_NACK" });
  });
});

describe("a TMP1075", () => {
  const at = { part: "tmp1075", place: "inlet" } as const;

  it("says what it is once, before its first temperature", async () => {
    const part = new FakePart({ 0x00: 0x1900, 0x0f: 0x7500 });
    const sensor = tmp1075(part, PART_ADDRESS, at);
    equal(await sensor.readTempC(), 25);
    equal(await sensor.readTempC(), 25);
    equal(part.reads.join(), "15,0,0");
  });

  it("gives no temperature while another part answers", async () => {
    const part = new FakePart({ 0x00: 0x1900, 0x0f: 0x0000 });
    const sensor = tmp1075(part, PART_ADDRESS, at);
    await rejects(sensor.readTempC(), {
      code: "SENSOR_IMPLAUSIBLE",
      context: { ...at, reason: "otherPart", address: "0x4c", identity: "0x00" },
    });
    part.registers.set(0x0f, 0x7500);
    equal(await sensor.readTempC(), 25);
  });

  it("asks again what it is when it did not answer", async () => {
    const part = new FakePart({ 0x00: 0x1900, 0x0f: 0x7500 });
    const sensor = tmp1075(part, PART_ADDRESS, at);
    part.isSilent = true;
    await rejects(sensor.readTempC(), { code: "I2C_NACK" });
    part.isSilent = false;
    equal(await sensor.readTempC(), 25);
  });
});

describe("a TMP451, ADT7461 or NCT218", () => {
  const at = { part: "tmp451", place: "chip-39" } as const;
  const TMP451 = { 0xfe: 0x55, 0xff: 0x00 };
  const ADT7461 = { 0xfe: 0x41 };
  const NCT218 = { 0xfe: 0x1a };
  const READINGS = { 0x00: 40, 0x15: 0x80, 0x01: 70, 0x10: 0x40, 0x02: 0, 0x03: 0 };

  function read(registers: Readonly<Record<number, number>>, remoteDiode = false): Promise<number> {
    return tmp451(new FakePart(registers), PART_ADDRESS, { ...at, remoteDiode }).readTempC();
  }

  for (const [what, identity, local, remote] of [
    ["TMP451", TMP451, 40.5, 70.25],
    ["ADT7461", ADT7461, 40, 70.25],
    ["NCT218", NCT218, 40, undefined],
  ] as const)
    it(`is read as ${what} when it says so, whatever the hardware data says`, async () => {
      equal(await read({ ...READINGS, ...identity }), local);
      if (remote !== undefined) equal(await read({ ...READINGS, ...identity }, true), remote);
    });

  it("is read in the range that it is set to, which may change", async () => {
    const part = new FakePart({ ...READINGS, ...TMP451, 0x03: 0x04, 0x01: 0x59, 0x10: 0 });
    const sensor = tmp451(part, PART_ADDRESS, { ...at, remoteDiode: true });
    equal(await sensor.readTempC(), 25);
    part.registers.set(0x03, 0);
    equal(await sensor.readTempC(), 89);
  });

  it("gives 63 C in the extended range, where 7F is not the end of the scale", async () => {
    equal(await read({ ...READINGS, ...TMP451, 0x03: 4, 0x01: 0x7f, 0x10: 0 }, true), 63);
  });

  for (const [what, registers, reason] of [
    ["its diode is open", { 0x02: 0x04 }, "diodeOpen"],
    ["the standard range ends", { 0x01: 0x7f, 0x10: 0xf0 }, "above"],
    ["the extended range reads 0", { 0x03: 4, 0x01: 0x40, 0x10: 0 }, "zero"],
    ["the extended range is at its foot", { 0x03: 4, 0x01: 0, 0x10: 0 }, "below"],
    ["it reads 0", { 0x01: 0, 0x10: 0 }, "zero"],
    ["it reads all ones", { 0x01: 0xff, 0x10: 0xff }, "allOnes"],
  ] as const)
    it(`gives no temperature when ${what}`, async () => {
      await rejects(
        read({ ...READINGS, ...TMP451, ...registers }, true),
        (error) =>
          error instanceof MinerError &&
          error.code === "SENSOR_IMPLAUSIBLE" &&
          error.context["reason"] === reason,
      );
    });

  it("does not mind an open diode when its own die is read", async () => {
    equal(await read({ ...READINGS, ...TMP451, 0x02: 0x04 }), 40.5);
  });

  for (const [what, identity, remoteDiode] of [
    ["a TMP421", { 0xfe: 0x55, 0xff: 0x21 }, false],
    ["a part of another maker", { 0xfe: 0x5d }, false],
    ["nobody who drives the bus", { 0xfe: 0xff }, false],
    ["an NCT218 where the diode is to be read", NCT218, true],
  ] as const)
    it(`gives no temperature when ${what} answers`, async () => {
      await rejects(
        read({ ...READINGS, ...identity }, remoteDiode),
        (error) => error instanceof MinerError && error.context["reason"] === "otherPart",
      );
    });

  it("leaves the fraction out when the degree changes while it is read", async () => {
    const part = new FakePart({ ...READINGS, ...TMP451, 0x01: 70, 0x10: 0xf0 });
    part.beforeRead = (register) => {
      if (register === 0x10) part.registers.set(0x01, 71);
    };
    const sensor = tmp451(part, PART_ADDRESS, { ...at, remoteDiode: true });
    equal(await sensor.readTempC(), 71);
  });
});

describe("the temperatures of an EMC2101", () => {
  const at = { part: "emc2101", place: "chip" } as const;
  const READINGS = { 0xfe: 0x5d, 0x00: 41, 0x01: 65, 0x10: 0x60 };

  function read(registers: Readonly<Record<number, number>>, remoteDiode = true): Promise<number> {
    return emc2101(new FakePart(registers), PART_ADDRESS, { ...at, remoteDiode }).readTempC();
  }

  it("are those of the chip's diode and of its own die", async () => {
    equal(await read(READINGS), 65.375);
    equal(await read(READINGS, false), 41);
  });

  for (const [what, registers, reason] of [
    ["the diode is open", { 0x01: 0x7f, 0x10: 0x00 }, "diodeOpen"],
    ["the diode is short", { 0x01: 0x7f, 0x10: 0xe0 }, "diodeShort"],
    ["it reads 0", { 0x01: 0, 0x10: 0 }, "zero"],
    ["another part answers", { 0xfe: 0x55 }, "otherPart"],
  ] as const)
    it(`are none when ${what}`, async () => {
      await rejects(
        read({ ...READINGS, ...registers }),
        (error) => error instanceof MinerError && error.context["reason"] === reason,
      );
    });

  it("are below zero only where that is plausible", async () => {
    await rejects(read({ ...READINGS, 0x00: 0xf6 }, false), { code: "SENSOR_IMPLAUSIBLE" });
    const part = new FakePart({ ...READINGS, 0x00: 0xf6 });
    equal(await emc2101(part, PART_ADDRESS, { ...at, range: OUTDOORS }).readTempC(), -10);
  });
});
