import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  fromSlinear11,
  fromUlinear16,
  parseVoutMode,
  toSlinear11,
  toUlinear16,
} from "../../../../src/drivers/pmbus/linear-format.js";

describe("SLINEAR11", () => {
  for (const [word, value] of [
    [0x0000, 0],
    [0x028a, 650],
    [0xf04b, 18.75],
    [0x07ff, -1],
    [0x0400, -1024],
    [0xe80c, 1.5],
  ] as const)
    it(`reads ${value} from 0x${word.toString(16)}`, () => {
      equal(fromSlinear11(word), value);
    });

  it("keeps a value within a 500th", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 30_000, noNaN: true }), (value) => {
        ok(Math.abs(fromSlinear11(toSlinear11(value)) - value) <= value / 500);
      }),
    );
  });
});

describe("ULINEAR16", () => {
  it("has its exponent in VOUT_MODE", () => {
    deepEqual(parseVoutMode(0x97), { exponent: -9, isRelative: true });
    deepEqual(parseVoutMode(0x14), { exponent: -12, isRelative: false });
    equal(parseVoutMode(0x20), undefined);
  });

  it("keeps a voltage within half a step", () => {
    const mode = { exponent: -9, isRelative: true };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (volts) => {
        ok(Math.abs(fromUlinear16(toUlinear16(volts, mode), mode) - volts) <= 1 / 1024 + 1e-12);
      }),
    );
  });
});
