/** Register numbers that do something on the virtual chips. Documented: fact sheet section 9. */
export const REGISTER = {
  chipId: 0x00,
  pll0: 0x08,
  nonceOffset: 0x0c,
  hashCountingNumber: 0x10,
  ticketMask: 0x14,
  miscControl: 0x18,
  fastUart: 0x28,
  coreCommand: 0x3c,
  coreValue: 0x40,
  nonceError: 0x4c,
  nonceOverflow: 0x50,
  domainCounter0: 0x88,
  totalCounter: 0x8c,
  versionRolling: 0xa4,
} as const;

const CRYSTAL_MHZ = 25;

/** Limits of the oscillator. Documented for BM1370, taken for the other families: inferred. */
const VCO_MIN_MHZ = 1600;
const VCO_MAX_MHZ = 3200;

const PLL_ENABLE = 1 << 30;
export const PLL_LOCKED = 0x8000_0000;

/**
 * Hash clock that a PLL0 value makes, in MHz; 0 when the PLL is off or cannot lock. Post-dividers are stored minus
 * one. Documented: fact sheet section 7.
 */
export function pllFreqMHz(value: number): number {
  const feedback = (value >>> 16) & 0xfff;
  const reference = (value >>> 8) & 0x3f;
  const postDivider1 = ((value >>> 4) & 0x7) + 1;
  const postDivider2 = (value & 0x7) + 1;
  if ((value & PLL_ENABLE) === 0 || reference === 0) return 0;
  const vcoMHz = (CRYSTAL_MHZ * feedback) / reference;
  if (vcoMHz < VCO_MIN_MHZ || vcoMHz > VCO_MAX_MHZ) return 0;
  return vcoMHz / (postDivider1 * postDivider2);
}

const BAUD_CLOCK_FROM_PLL = 1 << 26;

/**
 * Baud rate that a fast-UART value makes; undefined when it feeds the baud generator from a PLL, whose dividers
 * nobody has verified. Documented: fact sheet section 2, divider in bits 16:8.
 */
export function chipBaud(fastUart: number): number | undefined {
  if ((fastUart & BAUD_CLOCK_FROM_PLL) !== 0) return undefined;
  return (CRYSTAL_MHZ * 1e6) / (8 * (((fastUart >>> 8) & 0x1ff) + 1));
}

/**
 * Zero bits that a hash must have beyond the 32 of difficulty 1. Each byte of the mask comes bit-reversed.
 * Documented for masks of the form 2^n - 1, fact sheet section 8; the highest set bit counts for others: inferred.
 */
export function ticketExtraBits(ticketMask: number): number {
  let mask = 0;
  for (let bit = 0; bit < 32; bit++) {
    if (((ticketMask >>> bit) & 1) === 1) mask |= 1 << ((bit & ~7) | (7 - (bit & 7)));
  }
  return 32 - Math.clz32(mask);
}

/** What a version-rolling value says. Documented: fact sheet section 6.4. */
export function versionRolling(value: number): { readonly isOn: boolean; readonly mask: number } {
  return { isOn: (value & 0x8000_0000) !== 0, mask: value & 0xffff };
}

/** First counter of the sweep that a nonce-offset value sets; undefined when its valid bit is clear. */
export function offsetStart(nonceOffset: number): number | undefined {
  return (nonceOffset & 0x8000_0000) === 0 ? undefined : (nonceOffset & 0xffff) << 9;
}

/** What a write of 0x3C asks the cores for. */
export interface CoreCommand {
  readonly allCores: boolean;
  readonly core: number;
  readonly isWrite: boolean;
  readonly register: number;
  readonly value: number;
}

/** Documented: fact sheet section 9. */
export function coreCommand(value: number): CoreCommand {
  return {
    allCores: (value & 0x8000_0000) !== 0,
    core: (value >>> 16) & 0xff,
    isWrite: (value & 0x8000) !== 0,
    register: (value >>> 8) & 0x1f,
    value: value & 0xff,
  };
}

/** Core register that starts a core, and the value that does. */
export const CORE_ENABLE_REGISTER = 2;
export const CORE_ENABLED = 0xaa;

/** Versions that a mask lets a chip roll through. */
export function versionCount(mask: number): number {
  let count = 1;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count *= 2;
  return count;
}
