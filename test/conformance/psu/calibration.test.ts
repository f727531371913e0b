import { deepEqual, equal, ok } from "node:assert/strict";
import {
  type CalibrationBlock,
  parseCalibrationBlock,
} from "../../../src/drivers/psu/calibration-block.js";
import { crc16Modbus } from "../../../src/drivers/psu/crc16-modbus.js";
import { buildFrame } from "../../../src/drivers/psu/frame.js";
import { calibratedPoints, calibratedScale } from "../../../src/drivers/psu/voltage-scale.js";
import { toHex } from "../../../src/lib/bytes.js";
import { formulaOfVector, powerVectors } from "./vectors.js";

interface Calibration {
  readonly requests: readonly { id: string; hex: string }[];
  readonly synthetic: {
    readonly type: string;
    readonly block_hex: string;
    readonly points: readonly { n: number; offset_mv: number; volts: number }[];
    readonly set: readonly { volts: number; n: number }[];
    readonly date: string;
  };
}

const { requests, synthetic } = powerVectors<Calibration>("psu_calibration");
const BYTES = new Uint8Array(Buffer.from(synthetic.block_hex, "hex"));
const FORMULA = formulaOfVector(synthetic.type);

function blockOf(bytes: Uint8Array): CalibrationBlock {
  const parsed = parseCalibrationBlock(bytes);
  ok(parsed.ok);
  return parsed.block;
}

/** Any first 30 bytes with the right sum. */
function withCrc(bytes: Uint8Array): Uint8Array {
  const crc = crc16Modbus(bytes.subarray(0, 30));
  return Uint8Array.from([...bytes.subarray(0, 30), crc >> 8, crc & 0xff]);
}

describe("calibration block of a supply", () => {
  for (const { id, hex } of requests)
    it(`is asked for as in ${id}`, () => {
      const offset = Number(id.split("_").at(-1));
      equal(toHex(buildFrame(1, 0x06, Uint8Array.of(offset, 32))), hex.toLowerCase());
    });

  it("gives its points", () => {
    const block = blockOf(BYTES);
    deepEqual(
      block.offsetsMv,
      synthetic.points.map(({ offset_mv }) => offset_mv),
    );
    const points = calibratedPoints(FORMULA, block);
    for (const [index, { n, volts }] of synthetic.points.entries()) {
      equal(points[index]!.told, n);
      ok(Math.abs(points[index]!.mv / 1000 - volts) < 1e-5);
    }
  });

  for (const { volts, n } of synthetic.set)
    it(`tells the supply ${n} for ${volts} V`, () => {
      equal(calibratedScale(FORMULA, blockOf(BYTES)).toldForMv(volts * 1000), n);
    });

  it("refuses voltages outside of its points, but for a millivolt", () => {
    const scale = calibratedScale(FORMULA, blockOf(BYTES));
    const { points } = synthetic;
    const high = points[0]!.volts * 1000;
    const low = points.at(-1)!.volts * 1000;
    equal(scale.toldForMv(high + 0.9), 0);
    equal(scale.toldForMv(high + 1.1), undefined);
    equal(scale.toldForMv(low - 0.9), 255);
    equal(scale.toldForMv(low - 1.1), undefined);
  });

  it("gives its date", () => {
    equal(blockOf(BYTES).date.replaceAll("-", "").slice(2), synthetic.date);
  });

  it("gives a serial of 11 and 6 characters", () => {
    const serial = blockOf(BYTES).serial ?? "";
    equal(serial.length, 17);
    equal(parseInt36(serial.slice(0, 11)), 0x0102030405060708n);
    equal(parseInt(serial.slice(11), 36), 0x090a0b0c);
  });

  it("has no serial where the number does not fit", () => {
    const bytes = BYTES.slice();
    bytes.fill(0xff, 0, 12);
    equal(blockOf(withCrc(bytes)).serial, null);
  });

  it("is refused for a wrong sum, a wrong length, or a single point", () => {
    const bad = BYTES.slice();
    bad[0] = 0xff;
    deepEqual(parseCalibrationBlock(bad), { ok: false, reason: "crc" });
    deepEqual(parseCalibrationBlock(BYTES.subarray(1)), { ok: false, reason: "length" });
    const single = BYTES.slice();
    single[0x0e] = 0x80;
    deepEqual(parseCalibrationBlock(withCrc(single)), { ok: false, reason: "points" });
  });

  it("has 15 points when nothing ends the list", () => {
    const full = BYTES.slice();
    full.fill(1, 0x0e, 0x1c);
    equal(blockOf(withCrc(full)).offsetsMv.length, 15);
  });
});

function parseInt36(text: string): bigint {
  return text.split("").reduce((sum, digit) => sum * 36n + BigInt(parseInt(digit, 36)), 0n);
}
