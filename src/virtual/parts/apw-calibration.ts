import type { ApwType } from "./apw-types.js";

/** How far a unit is off its formula, as its calibration block says. Layout documented: fact sheet section 1.7. */
export interface ApwCalibration {
  /** Error at N = 0, mV. */
  readonly firstMv: number;
  /** Change of the error from each point to the next, mV; the points are spread evenly over N. */
  readonly deltasMv: readonly number[];
  /** Twelve bytes. */
  readonly serial: Uint8Array;
  readonly date: { readonly year: number; readonly month: number; readonly day: number };
}

const BLOCK_LENGTH = 32;
const END_OF_DELTAS = 0x80;
const MOST_DELTAS = 14;
const HIGHEST_N = 255;

/** The 32 bytes that the unit keeps. */
export function calibrationBlock({ firstMv, deltasMv, serial, date }: ApwCalibration): Uint8Array {
  const block = Buffer.alloc(BLOCK_LENGTH);
  block.set(serial.subarray(0, 12));
  block.writeInt16BE(firstMv, 0x0c);
  for (const [at, delta] of deltasMv.slice(0, MOST_DELTAS).entries())
    block.writeInt8(delta, 0x0e + at);
  if (deltasMv.length < MOST_DELTAS) block[0x0e + deltasMv.length] = END_OF_DELTAS;
  const months = (date.year - 2000) * 12 + date.month - 1;
  block.writeUInt16BE(months * 31 + date.day - 1, 0x1c);
  block.writeUInt16BE(crc16Modbus(block.subarray(0, 0x1e)), 0x1e);
  return new Uint8Array(block);
}

/** What a unit really puts out at a setpoint, mV. */
export function outputMv(
  n: number,
  type: ApwType,
  calibration: ApwCalibration | undefined,
): number {
  const formulaMv = (at: number): number => ((type.a - at) / type.b) * 1000;
  if (calibration === undefined) return formulaMv(n);
  const spans = calibration.deltasMv.length;
  const errors = [calibration.firstMv];
  for (const delta of calibration.deltasMv) errors.push((errors.at(-1) ?? 0) + delta);
  if (spans === 0) return formulaMv(n) + calibration.firstMv;
  const points = errors.map((errorMv, at) => {
    const pointN = Math.round((at * HIGHEST_N) / spans);
    return { n: pointN, mv: formulaMv(pointN) + errorMv };
  });
  const upper = Math.max(
    1,
    points.findIndex((point) => point.n >= n),
  );
  const [from, to] = [points[upper - 1], points[upper]];
  if (from === undefined || to === undefined) return formulaMv(n);
  return from.mv + ((n - from.n) / (to.n - from.n)) * (to.mv - from.mv);
}

/** Polynomial 0x8005 reflected, start 0xFFFF. */
function crc16Modbus(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  }
  return crc;
}
