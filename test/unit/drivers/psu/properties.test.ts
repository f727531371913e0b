import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { loadSupplies } from "../../../../src/boards/load-supplies.js";
import {
  type CalibrationBlock,
  parseCalibrationBlock,
} from "../../../../src/drivers/psu/calibration-block.js";
import { codeOfMv, type DacFormula, mvOfCode } from "../../../../src/drivers/psu/dac-formula.js";
import { buildFrame, parseFrame } from "../../../../src/drivers/psu/frame.js";
import { ntcTempC } from "../../../../src/drivers/psu/ntc-temperature.js";
import {
  calibratedNominalScale,
  calibratedScale,
  NOMINAL_V2,
} from "../../../../src/drivers/psu/voltage-scale.js";

const FORMULAS: readonly DacFormula[] = loadSupplies()
  .flatMap(({ types }) => types ?? [])
  .flatMap(({ dac }) => dac ?? []);

const CODES = Array.from({ length: 256 }, (_, index) => index);

const version = fc.constantFrom(1 as const, 2 as const);
const formula = fc.constantFrom(...FORMULAS);
const code = fc.integer({ min: 0, max: 255 });
const payload = fc
  .uint8Array({ maxLength: 250 })
  .map((bytes) => bytes.subarray(0, bytes.length & ~1));

/** Deviations as a block can hold them. */
const block: fc.Arbitrary<CalibrationBlock> = fc
  .tuple(
    fc.integer({ min: -500, max: 500 }),
    fc.array(fc.integer({ min: -127, max: 127 }), { minLength: 1, maxLength: 14 }),
  )
  .map(([first, deltas]) => ({
    serial: null,
    date: "2021-12-08",
    offsetsMv: deltas.reduce((all, delta) => [...all, all.at(-1)! + delta], [first]),
  }));

describe("frames of supplies", () => {
  it("come back as they were made", () => {
    fc.assert(
      fc.property(version, code, payload, (frameVersion, command, bytes) => {
        const parsed = parseFrame(frameVersion, buildFrame(frameVersion, command, bytes), command);
        ok(parsed.ok);
        equal(parsed.command, command);
        deepEqual([...parsed.payload], [...bytes]);
      }),
    );
  });

  it("are refused, never thrown at, whatever the bytes are", () => {
    const start = fc.constantFrom([], [0x55], [0x55, 0xaa], [0x55, 0xaa, 6], [0xf5]);
    fc.assert(
      fc.property(version, start, fc.uint8Array({ maxLength: 80 }), (frameVersion, head, tail) => {
        const bytes = Uint8Array.from([...head, ...tail]);
        const parsed = parseFrame(frameVersion, bytes, 0x02);
        if (!parsed.ok) return;
        deepEqual([...buildFrame(frameVersion, parsed.command, parsed.payload)], [...bytes]);
      }),
      { numRuns: 1000 },
    );
  });

  it("are refused with any single bit turned over", () => {
    fc.assert(
      fc.property(version, payload, fc.nat(), (frameVersion, bytes, position) => {
        const frame = buildFrame(frameVersion, 0x03, bytes);
        const bit = position % (frame.length * 8);
        frame[bit >> 3] = frame[bit >> 3]! ^ (1 << (bit & 7));
        equal(parseFrame(frameVersion, frame, 0x03).ok, false);
      }),
    );
  });

  it("never hide a calibration block that throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const parsed = parseCalibrationBlock(bytes);
        ok(!parsed.ok || parsed.block.offsetsMv.length >= 2);
      }),
    );
  });
});

describe("voltages of supplies", () => {
  it("come back from their code within a step, never lower than asked", () => {
    fc.assert(
      fc.property(formula, fc.double({ min: 0, max: 1, noNaN: true }), (dac, place) => {
        const lowMv = mvOfCode(dac, 255);
        const railMv = lowMv + place * (mvOfCode(dac, 0) - lowMv);
        const told = codeOfMv(dac, railMv);
        ok(told !== undefined);
        const madeMv = mvOfCode(dac, told);
        const stepMv = 1000 / dac.b;
        ok(madeMv - railMv > -1e-6 && madeMv - railMv <= stepMv + 1e-6, `${railMv} made ${madeMv}`);
      }),
    );
  });

  it("are refused beyond the codes", () => {
    fc.assert(
      fc.property(formula, fc.double({ min: 1.001, max: 1e6, noNaN: true }), (dac, steps) => {
        const stepMv = 1000 / dac.b;
        equal(codeOfMv(dac, mvOfCode(dac, 0) + steps * stepMv), undefined);
        equal(codeOfMv(dac, mvOfCode(dac, 255) - steps * stepMv), undefined);
      }),
    );
  });

  it("fall as codes rise, with a calibration too", () => {
    fc.assert(
      fc.property(formula, block, code, (dac, calibration, at) => {
        fc.pre(at < 255);
        const scale = calibratedScale(dac, calibration);
        ok(scale.mvForTold(at)! > scale.mvForTold(at + 1)!);
      }),
    );
  });

  it("come back from a calibration within half a step, and end where it ends", () => {
    fc.assert(
      fc.property(
        formula,
        block,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (dac, each, place) => {
          const scale = calibratedScale(dac, each);
          const [highMv, lowMv] = [scale.mvForTold(0)!, scale.mvForTold(255)!];
          const railMv = lowMv + place * (highMv - lowMv);
          const told = scale.toldForMv(railMv)!;
          const steps = CODES.slice(1).map((n) => scale.mvForTold(n - 1)! - scale.mvForTold(n)!);
          ok(Math.abs(scale.mvForTold(told)! - railMv) <= Math.max(...steps) / 2 + 1e-6);
          equal(scale.toldForMv(highMv + 2), undefined);
          equal(scale.toldForMv(lowMv - 2), undefined);
        },
      ),
    );
  });

  it("of version 2 come back from their calibration", () => {
    fc.assert(
      fc.property(block, fc.double({ min: 0, max: 1, noNaN: true }), (each, place) => {
        const scale = calibratedNominalScale(each);
        const { highMv, lowMv } = NOMINAL_V2;
        const nominalMv = lowMv + place * (highMv - lowMv);
        const railMv = scale.mvForTold(nominalMv)!;
        ok(Math.abs(scale.toldForMv(railMv)! - nominalMv) < 1e-6);
      }),
    );
  });
});

describe("temperatures inside supplies", () => {
  it("rise with the counts, between the clamps of the sheet", () => {
    equal(ntcTempC(10), undefined);
    equal(ntcTempC(11), -30);
    equal(ntcTempC(1528), 125);
    for (let counts = 12; counts < 2000; counts += 1)
      ok(ntcTempC(counts)! >= ntcTempC(counts - 1)!, String(counts));
  });

  it("stays within a degree of the factory tool's table", () => {
    for (const [counts, tempC] of [
      [28, -14],
      [93, 9],
      [186, 25],
      [383, 45],
      [517, 55],
      [828, 75],
      [1149, 95],
      [1411, 114],
    ] as const)
      ok(Math.abs(ntcTempC(counts)! - tempC) < 1, String(counts));
  });
});
