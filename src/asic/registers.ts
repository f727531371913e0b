/**
 * Registers that bring-up and run time touch, by the vendor's names.
 * Documented: symbols of the factory test programs (fact sheet BM13xx, section 9).
 */
export const REGISTER = {
  chipId: 0x00,
  pll0: 0x08,
  nonceOffset: 0x0c,
  hashCountingNumber: 0x10,
  ticketMask: 0x14,
  miscControl: 0x18,
  fastUart: 0x28,
  uartRelay: 0x2c,
  coreCommand: 0x3c,
  analogMux: 0x54,
  ioDriverStrength: 0x58,
  ringOscillatorGuard: 0x68,
  pll0Divider: 0x70,
  versionRolling: 0xa4,
  softReset: 0xa8,
  adcControl1: 0xb9,
} as const;

/** Registers inside the cores, reached through `REGISTER.coreCommand`. */
export const CORE_REGISTER = {
  clockDelay: 0x00,
  coreEnable: 0x02,
  hashClock: 0x05,
  clockSelect: 0x0b,
  nonceBinOverflow: 0x0d,
} as const;

/**
 * The word for `REGISTER.coreCommand` that writes one byte to a register of every core.
 * Bit 31 all cores, bit 15 write, bits 12:8 core register, bits 7:0 value.
 */
export function coreWriteWord(coreRegister: number, value: number): number {
  return (0x8000_8000 | ((coreRegister & 0x1f) << 8) | (value & 0xff)) >>> 0;
}

/**
 * The word for `REGISTER.versionRolling`: automatic rolling (bit 31), generation code 1 (bits 29:28) and the header's
 * version bits 28:13 that the chip may change.
 */
export function versionRollingWord(versionMask: number): number {
  return (0x9000_0000 | ((versionMask >>> 13) & 0xffff)) >>> 0;
}

/** Every version bit a chip can roll: header bits 28:13. */
export const FULL_VERSION_MASK = 0x1fff_e000;
