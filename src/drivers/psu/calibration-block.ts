import { crc16Modbus } from "./crc16-modbus.js";

/**
 * The factory's calibration of one supply, 32 bytes. Layout: symbolised S21 factory tool
 * (HashSource/bitmain_antminer_binaries); no block was captured.
 */
export interface CalibrationBlock {
  /** 17 characters; null where the number does not fit in them. */
  readonly serial: string | null;
  /** Year, month and day as `2021-12-08`. */
  readonly date: string;
  /** Deviation from the nominal voltage at points spread evenly over the range, mV; the highest voltage first. */
  readonly offsetsMv: readonly number[];
}

export type CalibrationResult =
  | { readonly ok: true; readonly block: CalibrationBlock }
  | { readonly ok: false; readonly reason: "length" | "crc" | "points" };

export const CALIBRATION_BYTES = 32;
const FIRST_OFFSET_AT = 0x0c;
const DELTAS_AT = 0x0e;
const DATE_AT = 0x1c;
const CRC_AT = 0x1e;
const END_OF_DELTAS = 0x80;

/** Never throws. A block that is not right counts as none: the formula of the type holds then. */
export function parseCalibrationBlock(bytes: Uint8Array): CalibrationResult {
  if (bytes.length !== CALIBRATION_BYTES) return { ok: false, reason: "length" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(CRC_AT) !== crc16Modbus(bytes.subarray(0, CRC_AT)))
    return { ok: false, reason: "crc" };
  const offsetsMv = [view.getInt16(FIRST_OFFSET_AT)];
  for (let at = DELTAS_AT; at < DATE_AT && bytes[at] !== END_OF_DELTAS; at += 1)
    offsetsMv.push((offsetsMv.at(-1) ?? 0) + view.getInt8(at));
  if (offsetsMv.length < 2) return { ok: false, reason: "points" };
  const block = { serial: serialOf(view), date: dateOf(view.getUint16(DATE_AT)), offsetsMv };
  return { ok: true, block };
}

/** Two numbers in base 36, padded with zeros. */
function serialOf(view: DataView): string | null {
  const first = (view.getBigUint64(0) & ((1n << 57n) - 1n)).toString(36).padStart(11, "0");
  const second = view.getUint32(8).toString(36).padStart(6, "0");
  const serial = `${first}${second}`.toUpperCase();
  return serial.length === 17 ? serial : null;
}

/** Months of 31 days, years of twelve months, counted from 2000. */
function dateOf(code: number): string {
  const months = Math.floor(code / 31);
  const year = String(2000 + Math.floor(months / 12));
  const month = String((months % 12) + 1).padStart(2, "0");
  return `${year}-${month}-${String((code % 31) + 1).padStart(2, "0")}`;
}
