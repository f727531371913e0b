import type { I2cTransfer } from "../i2c/virtual-bus.js";

const BITS_A_BYTE = 9;
const BOARDS_BUS_HZ = 100_000;
/** Captured on an S19 Pro: what one byte to or from the supply takes. */
const PSU_WRITTEN_BYTE_MS = 86;
const PSU_READ_BYTE_MS = 117;

/** A bus at 100 kHz, where every byte and every address has its acknowledge. */
export function boardsTransferMs({ write, read }: I2cTransfer): number {
  const addresses = write.length > 0 && read > 0 ? 2 : 1;
  return ((addresses + write.length + read) * BITS_A_BYTE * 1000) / BOARDS_BUS_HZ;
}

/** The number of the register comes along with the byte: so the captured times count. */
export function psuTransferMs({ write, read }: I2cTransfer): number {
  const written = read > 0 ? 0 : Math.max(1, write.length - 1);
  return written * PSU_WRITTEN_BYTE_MS + read * PSU_READ_BYTE_MS;
}
