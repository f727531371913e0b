import { equal, ok } from "node:assert/strict";
import { chipI2cWord } from "../../../src/drivers/sensor/chip-bus.js";
import { tempCFromEmc2101 } from "../../../src/drivers/sensor/emc2101.js";
import { tempCFromLm75 } from "../../../src/drivers/sensor/lm75.js";
import { tempCFromTmp451 } from "../../../src/drivers/sensor/tmp451.js";
import { powerVectors } from "../controllers/vectors.js";

interface Conversion {
  readonly part: string;
  readonly raw_be16?: string;
  readonly high?: string;
  readonly low?: string;
  readonly celsius: number;
}

interface ChipWord {
  readonly id: string;
  readonly device8: string;
  readonly sensor_reg: string;
  readonly data: string;
  readonly write: boolean;
  readonly asic_word: string;
}

const { conversions, asic_i2c_words: words } = powerVectors<{
  readonly conversions: readonly Conversion[];
  readonly asic_i2c_words: readonly ChipWord[];
}>("temperature_sensors");

describe("temperatures from raw registers", () => {
  for (const { part, raw_be16: raw, high, low, celsius } of conversions)
    it(`reads ${celsius} C from ${raw ?? [high, low].join(" ")} of ${part}`, () => {
      if (raw !== undefined) {
        equal(tempCFromLm75(parseInt(raw, 16)), celsius);
        return;
      }
      ok(high !== undefined && part.startsWith("TMP451"));
      const isExtended = part.includes("extended range");
      ok(isExtended || part.includes("standard range"));
      equal(tempCFromTmp451(parseInt(high, 16), parseInt(low ?? "0", 16), isExtended), celsius);
    });

  for (const [high, low, celsius] of [
    [0x19, 0x00, 25],
    [0x19, 0x20, 25.125],
    [0x7f, 0xe0, 127.875],
    [0xff, 0xe0, -0.125],
    [0xe7, 0x00, -25],
  ] as const)
    it(`reads ${celsius} C from ${high.toString(16)} ${low.toString(16)} of an EMC2101`, () => {
      equal(tempCFromEmc2101(high, low), celsius);
    });
});

describe("words for sensors behind a chip", () => {
  for (const { id, device8, sensor_reg: register, data, write, asic_word: word } of words)
    it(`makes ${id}`, () => {
      const value = write ? Number(data) : undefined;
      equal(chipI2cWord(Number(device8) >> 1, Number(register), value), Number(word));
    });
});
