import { equal, ok, rejects, throws } from "node:assert/strict";
import type { Sensor } from "../../../../src/boards/schema/hashboard.js";
import { ChipBuses } from "../../../../src/drivers/sensor/chip-bus.js";
import { openSensor } from "../../../../src/drivers/sensor/open-sensor.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { finished } from "../controller/fake-controller.js";
import { FakeChipRegisters } from "./fake-chip-registers.js";
import { FakePart } from "./fake-part.js";

const PROVENANCE = { evidence: "inferred", source: "test" } as const;
const OUTLET: Sensor = {
  part: "lm75",
  place: "outlet",
  at: { bus: "boards", addresses: [0x4c, 0x49, 0x4a] },
  ...PROVENANCE,
};
const PIC: Sensor = {
  part: "tmp75",
  place: "pic-0",
  at: { bus: "controller", address: 0x48 },
  ...PROVENANCE,
};
const CHIP: Sensor = {
  part: "nct218",
  place: "chip-8",
  at: { bus: "chip", chip: 8, address: 0x4c },
  ...PROVENANCE,
};

function chipBuses(clock: ManualClock): ChipBuses {
  const sensor = { 0x00: 55, 0xfe: 0x1a };
  const registers = new FakeChipRegisters(
    { i2c: 0x1c, miscControl: 0x18, pins: 0x4030, sensor },
    0,
  );
  return new ChipBuses({ chip: "BM1397", registers, addressStep: 5, clock });
}

describe("opening the sensors of the hardware data", () => {
  it("takes the address of the slot", async () => {
    const boards = new FakePart({ 0: 0x2a00 }, 0x49);
    equal(await openSensor(OUTLET, 1, { boards })?.readTempC(), 42);
    const wrongSlot = openSensor(OUTLET, 2, { boards });
    ok(wrongSlot !== undefined);
    await rejects(wrongSlot.readTempC(), { code: "I2C_NACK" });
  });

  it("takes the same address behind each controller", async () => {
    const controller = new FakePart({ 0: 0x1710 }, 0x48);
    equal(await openSensor(PIC, 2, { controller })?.readTempC(), 23.0625);
  });

  it("reads through the chip that is named", async () => {
    const clock = new ManualClock();
    const sensor = openSensor(CHIP, 0, { chips: chipBuses(clock) });
    ok(sensor !== undefined);
    equal(await finished(clock, sensor.readTempC()), 55);
  });

  it("opens none where the bus is missing", () => {
    for (const spec of [OUTLET, PIC, CHIP]) equal(openSensor(spec, 0, {}), undefined);
  });

  it("knows the driver of every part", async () => {
    for (const [part, registers] of [
      ["lm75", { 0: 0x1900 }],
      ["tmp75", { 0: 0x1900 }],
      ["tmp1075", { 0: 0x1900, 0x0f: 0x7500 }],
      ["tmp451", { 0: 25, 3: 0, 0x15: 0, 0xfe: 0x55, 0xff: 0 }],
      ["adt7461", { 0: 25, 3: 0, 0xfe: 0x41 }],
      ["nct218", { 0: 25, 3: 0, 0xfe: 0x1a }],
      ["emc2101", { 0: 25, 0xfe: 0x5d }],
    ] as const) {
      const boards = new FakePart(registers);
      const sensor = openSensor({ ...OUTLET, part }, 0, { boards });
      equal(await sensor?.readTempC(), 25, part);
      equal(sensor?.part, part);
      equal(sensor.place, "outlet");
    }
  });

  it("passes on offset, diode and what is plausible", async () => {
    const boards = new FakePart({ 1: 90, 0x10: 0, 2: 0, 3: 0, 0xfe: 0x41 });
    const spec: Sensor = { ...OUTLET, part: "adt7461", remoteDiode: true, offsetC: -5 };
    equal(await openSensor(spec, 0, { boards })?.readTempC(), 85);
    const cool = openSensor(spec, 0, { boards }, { minC: 0, maxC: 80 });
    ok(cool !== undefined);
    await rejects(cool.readTempC(), { code: "SENSOR_IMPLAUSIBLE" });
  });

  it("refuses a slot for which there is no address", () => {
    throws(() => openSensor(OUTLET, 3, {}), {
      code: "FIELD_INVALID",
      context: { field: "sensors.at.addresses", place: "outlet", slot: 3 },
    });
  });

  it("refuses the diode of a part that has none", () => {
    for (const part of ["lm75", "tmp75", "tmp1075", "nct218"] as const)
      throws(
        () => openSensor({ ...OUTLET, part, remoteDiode: true }, 0, { boards: new FakePart({}) }),
        {
          code: "FIELD_INVALID",
          context: { field: "sensors.remoteDiode", place: "outlet", part },
        },
      );
  });

  it("refuses parts behind a chip whose registers have two bytes", () => {
    const chips = chipBuses(new ManualClock());
    throws(() => openSensor({ ...CHIP, part: "lm75" }, 0, { chips }), {
      code: "FIELD_INVALID",
      context: { field: "sensors.part", place: "chip-8", part: "lm75", bus: "chip" },
    });
  });
});
