import { parseHex } from "../../lib/bytes.js";

const HEX_32 = /^[0-9a-f]{1,8}$/i;

/** A 32-bit number in hex, most significant digit first. */
export function parseHex32(value: unknown): number | undefined {
  return typeof value === "string" && HEX_32.test(value) ? Number.parseInt(value, 16) : undefined;
}

/** Bytes in hex; undefined also when there are not `size` of them, if that is given. */
export function parseBytes(value: unknown, size?: number): Uint8Array | undefined {
  const bytes = typeof value === "string" ? parseHex(value) : undefined;
  return size === undefined || bytes?.length === size ? bytes : undefined;
}

/** A whole number of 0 and up, also when it comes as text. */
export function parseCount(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0
    ? number
    : undefined;
}
