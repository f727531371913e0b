import type { ChipTarget } from "../../../src/hal/chain-port.js";

/**
 * A second, small encoder of command frames, so that bytes are compared and not only the arguments of our own codec.
 * Documented: fact sheet BM13xx, sections 3.1 and 3.3.
 */
export function writeFrame(target: ChipTarget, register: number, value: number): string {
  const address = target === "all" ? 0 : target;
  const bytes = [address, register, value >>> 24, value >>> 16, value >>> 8, value];
  return frame(target === "all" ? 0x51 : 0x41, bytes);
}

export function readFrame(target: ChipTarget, register: number): string {
  return frame(target === "all" ? 0x52 : 0x42, [target === "all" ? 0 : target, register]);
}

export function setAddressFrame(address: number): string {
  return frame(0x40, [address, 0]);
}

export function chainInactiveFrame(): string {
  return frame(0x53, [0, 0]);
}

function frame(header: number, payload: readonly number[]): string {
  const body = [header, payload.length + 3, ...payload.map((byte) => byte & 0xff)];
  return Buffer.from([0x55, 0xaa, ...body, crc5(body)]).toString("hex");
}

/** x^5 + x^2 + 1, initial value 0x1F, most significant bit first. */
function crc5(bytes: readonly number[]): number {
  let crc = 0x1f;
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; --bit) {
      const carry = (crc >>> 4) ^ ((byte >>> bit) & 1);
      crc = ((crc << 1) & 0x1f) ^ (carry === 1 ? 0x05 : 0);
    }
  return crc;
}
