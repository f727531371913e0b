import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { ChipBuses } from "../../../../src/drivers/sensor/chip-bus.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { finished } from "../controller/fake-controller.js";
import { FakeChipRegisters } from "./fake-chip-registers.js";

const SENSOR = 0x4c;
const BM1397 = { i2c: 0x1c, miscControl: 0x18, pins: 0x4030, sensor: { 0: 41, 1: 66 } };
const BM1387 = { i2c: 0x20, miscControl: 0x1c, pins: 0x4060, sensor: { 0: 41, 1: 66 } };

function rig(chip: "BM1387" | "BM1397" = "BM1397"): {
  registers: FakeChipRegisters;
  buses: ChipBuses;
  clock: ManualClock;
} {
  const clock = new ManualClock();
  const registers = new FakeChipRegisters(chip === "BM1397" ? BM1397 : BM1387, 0x3a01);
  const buses = new ChipBuses({ chip, registers, addressStep: 5, clock });
  return { registers, buses, clock };
}

describe("the bus behind a chip", () => {
  for (const [chip, misc] of [
    ["BM1387", 0x7a61],
    ["BM1397", 0x7a31],
  ] as const)
    it(`reads a register of a sensor through a ${chip}, with its two pins and no other bit set`, async () => {
      const { registers, buses, clock } = rig(chip);
      const bytes = await finished(clock, buses.at(8).readRegister(SENSOR, 1, 1));
      deepEqual([...bytes], [66]);
      deepEqual(registers.words, ["01980100"]);
      deepEqual(registers.miscWrites, [misc]);
      deepEqual([...registers.addresses], [40]);
    });

  it("leaves pins alone that are set, and looks once", async () => {
    const { registers, buses, clock } = rig();
    registers.misc = 0x4030;
    for (const register of [0, 1])
      await finished(clock, buses.at(0).readRegister(SENSOR, register, 1));
    deepEqual(registers.miscWrites, []);
  });

  it("writes a register", async () => {
    const { registers, buses, clock } = rig();
    await finished(clock, buses.at(0).write(SENSOR, Uint8Array.of(9, 4)));
    deepEqual(registers.words, ["01990904"]);
    deepEqual([...(await finished(clock, buses.at(0).readRegister(SENSOR, 9, 1)))], [4]);
  });

  it("waits as long as the master is busy", async () => {
    const { registers, buses, clock } = rig();
    registers.busyReads = 49;
    deepEqual([...(await finished(clock, buses.at(0).readRegister(SENSOR, 0, 1)))], [41]);
    equal(registers.words.length, 1);
  });

  it("gives up when the master stays busy", async () => {
    const { registers, buses, clock } = rig();
    registers.busyReads = Infinity;
    await rejects(finished(clock, buses.at(2).readRegister(SENSOR, 0, 1)), {
      code: "SENSOR_SILENT",
      context: { chipAddress: 10, address: "0x4c", register: "0x00", answer: null },
    });
  });

  it("asks again when the answer is for another register", async () => {
    const { registers, buses, clock } = rig();
    registers.wrongAnswers = 2;
    deepEqual([...(await finished(clock, buses.at(0).readRegister(SENSOR, 0, 1)))], [41]);
    equal(registers.words.length, 3);
  });

  it("gives up after three such answers, and tells the last", async () => {
    const { registers, buses, clock } = rig();
    registers.wrongAnswers = 3;
    await rejects(finished(clock, buses.at(0).readRegister(SENSOR, 0, 1)), {
      code: "SENSOR_SILENT",
      context: { chipAddress: 0, address: "0x4c", register: "0x00", answer: "0x00985529" },
    });
  });

  it("sets its pins anew when the chip was reset", async () => {
    const { registers, buses, clock } = rig();
    await finished(clock, buses.at(0).readRegister(SENSOR, 0, 1));
    registers.misc = 0x3a01;
    deepEqual([...(await finished(clock, buses.at(0).readRegister(SENSOR, 0, 1)))], [41]);
    deepEqual(registers.miscWrites, [0x7a31, 0x7a31]);
  });

  it("asks again when the chip does not answer, and gives up after three times", async () => {
    const { registers, buses, clock } = rig();
    registers.silentReads = 2;
    deepEqual([...(await finished(clock, buses.at(0).readRegister(SENSOR, 0, 1)))], [41]);
    registers.silentReads = 3;
    await rejects(finished(clock, buses.at(0).readRegister(SENSOR, 0, 1)), {
      code: "SENSOR_SILENT",
    });
  });

  it("makes one transfer at a time on one chip, whoever asks", async () => {
    const { registers, buses, clock } = rig();
    const both = await finished(
      clock,
      Promise.all([0, 1].map((register) => buses.at(3).readRegister(SENSOR, register, 1))),
    );
    deepEqual(
      both.map(([value]) => value),
      [41, 66],
    );
    deepEqual(registers.words, ["01980000", "01980100"]);
  });

  it("refuses what no word is known for", async () => {
    const { registers, buses } = rig();
    const bus = buses.at(0);
    await rejects(bus.readRegister(SENSOR, 0, 2), { code: "FIELD_INVALID" });
    await rejects(bus.read(SENSOR, 1), { code: "FIELD_INVALID" });
    await rejects(bus.write(SENSOR, Uint8Array.of(0)), { code: "FIELD_INVALID" });
    await rejects(bus.write(0x50, Uint8Array.of(0, 0)), { code: "I2C_WRITE_REFUSED" });
    deepEqual(registers.words, []);
  });

  it("is not known for later chips", () => {
    const { registers, clock } = rig();
    const buses = new ChipBuses({ chip: "BM1398", registers, addressStep: 2, clock });
    throws(() => buses.at(25), {
      code: "FIELD_INVALID",
      context: { field: "sensors.at", chip: "BM1398", known: "BM1387, BM1397" },
    });
  });
});
