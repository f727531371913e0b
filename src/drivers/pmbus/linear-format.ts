/**
 * Number formats of PMBus. Documented: PMBus specification part II, sections 7 and 8; TI data sheet TPS546D24S
 * (SLUSF26), VOUT_MODE and READ_VIN.
 */

/** SLINEAR11: five bits of exponent, eleven of mantissa, both two's complement. */
export function fromSlinear11(word: number): number {
  const exponent = signed(word >> 11, 5);
  return signed(word & 0x7ff, 11) * 2 ** exponent;
}

/** The most exact word for a value of 0 or more, as far as eleven bits and these exponents reach. */
export function toSlinear11(value: number): number {
  for (let exponent = -16; exponent <= 15; exponent += 1) {
    const mantissa = Math.round(value / 2 ** exponent);
    if (mantissa <= MAX_MANTISSA) return ((exponent & 0x1f) << 11) | mantissa;
  }
  return (15 << 11) | MAX_MANTISSA;
}

/** How output voltages are written: ULINEAR16 with this exponent; limits as ratios of the setpoint when relative. */
export interface VoutMode {
  readonly exponent: number;
  readonly isRelative: boolean;
}

/** Undefined for a mode that is not linear. */
export function parseVoutMode(byte: number): VoutMode | undefined {
  if ((byte & 0x60) !== 0) return undefined;
  return { exponent: signed(byte & 0x1f, 5), isRelative: (byte & 0x80) !== 0 };
}

export function fromUlinear16(word: number, { exponent }: VoutMode): number {
  return word * 2 ** exponent;
}

/** The nearest word. */
export function toUlinear16(value: number, { exponent }: VoutMode): number {
  return Math.min(0xffff, Math.max(0, Math.round(value / 2 ** exponent)));
}

const MAX_MANTISSA = 0x3ff;

function signed(value: number, bits: number): number {
  const mask = 2 ** bits - 1;
  const sign = 2 ** (bits - 1);
  return ((value & mask) ^ sign) - sign;
}
