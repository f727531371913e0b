import { equal, ok } from "node:assert/strict";
import { Emc2101 } from "../../../../src/virtual/parts/emc2101.js";
import { Lm75, type Lm75Name } from "../../../../src/virtual/parts/lm75.js";
import { Tmp451, type Tmp451Name } from "../../../../src/virtual/parts/tmp451.js";
import { bytes, fixture, hex } from "./fixtures.js";

interface Conversions {
  readonly conversions: readonly {
    readonly part: string;
    readonly raw_be16?: string;
    readonly high?: string;
    readonly low?: string;
    readonly celsius: number;
  }[];
}

interface FanVectors {
  readonly vectors: readonly {
    readonly id: string;
    readonly tach_be?: string;
    readonly rpm?: number;
  }[];
}

const { conversions } = fixture<Conversions>("power/temperature_sensors");
const { vectors: fans } = fixture<FanVectors>("power/fans");

describe("virtual LM75 class sensors", () => {
  function readWord(part: Lm75Name, tempC: number, register = 0): string {
    const sensor = new Lm75(part, () => tempC);
    sensor.write(Uint8Array.of(register));
    return hex(sensor.read(2)).toUpperCase();
  }

  for (const { part, raw_be16: raw, celsius } of conversions)
    if (raw !== undefined)
      it(`reads ${raw} at ${String(celsius)} C (${part})`, () => {
        equal(readWord("tmp75", celsius), raw);
      });

  it("has eighths of a degree on an LM75A, sixteenths on the others", () => {
    equal(readWord("lm75", 23.0625), "1720");
    equal(readWord("tmp1075", 23.0625), "1710");
  });

  it("stays at its ends outside its range", () => {
    equal(readWord("tmp75", 300), "7FF0");
    equal(readWord("tmp75", -300), "8000");
  });

  it("tells who it is on a TMP1075 only", () => {
    equal(readWord("tmp1075", 25, 0x0f), "7500");
    equal(readWord("tmp75", 25, 0x0f), "FFFF");
  });

  it("keeps what was written to its limits, and not to its temperature", () => {
    const sensor = new Lm75("lm75", () => 25);
    for (const [register, value] of [
      ["03", "4680"],
      ["00", "7fff"],
    ] as const)
      sensor.write(bytes(register + value));
    equal(hex(sensor.read(2)), "1900");
    sensor.write(bytes("03"));
    equal(hex(sensor.read(2)), "4680");
  });
});

describe("virtual TMP451 class sensors", () => {
  function sensor(part: Tmp451Name, tempC: number | undefined): (register: number) => string {
    const tmp = new Tmp451(
      part,
      () => tempC ?? 0,
      () => tempC,
    );
    return (register) => {
      tmp.write(Uint8Array.of(register));
      return hex(tmp.read(1)).toUpperCase();
    };
  }

  for (const { part, high, low, celsius } of conversions) {
    if (high === undefined || part.includes("extended")) continue;
    it(`reads ${high} and ${low ?? ""} at ${String(celsius)} C (${part})`, () => {
      const read = sensor("tmp451", celsius);
      equal(read(0x01), high);
      // Only the upper half of the fraction counts; one vector has rubbish below.
      if (low !== undefined) equal(read(0x10)[0], low[0]);
    });
  }

  for (const { part, high, celsius } of conversions) {
    if (high === undefined || !part.includes("extended")) continue;
    it(`reads ${high} at ${String(celsius)} C in the extended range`, () => {
      const tmp = new Tmp451(
        "nct218",
        () => celsius,
        () => celsius,
      );
      tmp.write(bytes("0904"));
      tmp.write(bytes("00"));
      equal(hex(tmp.read(1)).toUpperCase(), high);
    });
  }

  it("tells its maker, and an open diode", () => {
    equal(sensor("tmp451", 30)(0xfe), "55");
    equal(sensor("adt7461", 30)(0xfe), "41");
    equal(sensor("nct218", 30)(0xfe), "1A");
    equal(sensor("tmp451", undefined)(0x02), "04");
    equal(sensor("tmp451", 30)(0x02), "00");
  });

  it("adds the offset that was written to its remote reading", () => {
    const tmp = new Tmp451(
      "tmp451",
      () => 30,
      () => 60,
    );
    tmp.write(bytes("11fb"));
    tmp.write(bytes("01"));
    equal(tmp.read(1)[0], 55);
  });
});

describe("virtual EMC2101", () => {
  class Rig {
    rpm = 0;
    duty = NaN;
    readonly part = new Emc2101({
      boardC: () => 41.4,
      dieC: () => 63.375,
      fanRpm: () => this.rpm,
      setFanDuty: (share) => {
        this.duty = share;
      },
    });

    read(register: string): number {
      this.part.write(bytes(register));
      return this.part.read(1)![0]!;
    }
  }

  it("tells who it is, its own temperature and that of the die in eighths", () => {
    const rig = new Rig();
    equal(rig.read("fe"), 0x5d);
    equal(rig.read("fd"), 0x16);
    equal(rig.read("00"), 41);
    equal(rig.read("01") + (rig.read("10") >> 5) / 8, 63.375);
  });

  it("drives its fan by six bits", () => {
    const rig = new Rig();
    for (const [setting, share] of [
      [0x3f, 1],
      [0x00, 0],
      [0x20, 32 / 63],
    ] as const) {
      rig.part.write(Uint8Array.of(0x4c, setting));
      equal(rig.duty, share);
    }
  });

  for (const { id, tach_be: word, rpm } of fans)
    if (word !== undefined)
      it(`counts ${word.slice(2)} for the fan of vector ${id}`, () => {
        const state = new Rig();
        state.part.write(bytes("0304"));
        state.rpm = id.includes("stalled") ? 0 : (rpm ?? NaN);
        const count = (state.read("47") << 8) | state.read("46");
        equal(`0x${count.toString(16).toUpperCase().padStart(4, "0")}`, word);
      });

  it("counts nothing while its pin is not told to be a tach", () => {
    const state = new Rig();
    state.rpm = 6000;
    equal(state.read("47"), 0xff);
    ok(state.part.write(bytes("0304")));
    equal(state.read("47"), 0x03);
  });
});
