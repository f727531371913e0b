import { deepEqual, equal, fail } from "node:assert/strict";
import { rpmFromEmc2101 } from "../../../src/drivers/fan/emc2101-fan.js";
import { zynqDutyWord, zynqTach } from "../../../src/drivers/fan/zynq-fan-words.js";
import { rpmOf } from "../../../src/hal/fan-signal.js";
import { powerVectors } from "../controllers/vectors.js";

interface FanVector {
  readonly id: string;
  readonly word?: string;
  readonly percent?: number;
  readonly scale?: 50;
  readonly fan_id?: number;
  readonly tach_be?: string;
  readonly count?: number;
  readonly period_ns?: number;
  readonly falling_edges_per_s?: number;
  readonly pulses_per_rev?: number;
  readonly rpm?: number;
}

const { vectors } = powerVectors<{ vectors: readonly FanVector[] }>("fans");

describe("fan registers and tachs", () => {
  for (const vector of vectors)
    it(`agrees with ${vector.id}`, () => {
      const { word, percent, scale, rpm, pulses_per_rev: pulses = NaN } = vector;
      if (percent !== undefined) equal(zynqDutyWord(percent, scale ?? 100), Number(word));
      else if (word !== undefined) deepEqual(zynqTach(Number(word)), { fan: vector.fan_id, rpm });
      else if (vector.tach_be !== undefined) {
        equal(Number(vector.tach_be), vector.count);
        equal(rpmFromEmc2101(Number(vector.tach_be)), rpm);
      } else if (vector.period_ns !== undefined) equal(rpmOf(vector.period_ns, pulses), rpm);
      else if (vector.falling_edges_per_s !== undefined)
        equal(rpmOf(1e9 / vector.falling_edges_per_s, pulses), rpm);
      else fail("a vector that nothing is held to");
    });
});
