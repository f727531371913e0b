/** Dividers of the hash clock: f = 25 MHz x fbDiv / (refDiv x postDiv1 x postDiv2). */
export interface PllDividers {
  readonly fbDiv: number;
  readonly refDiv: number;
  readonly postDiv1: number;
  readonly postDiv2: number;
}

/**
 * How a family stores its dividers: `minusOne` from BM1362 on (post-dividers less one), `direct` on BM1397 and BM1398,
 * `bm1387` in a register map of its own. Documented: reset values, which are round numbers in one reading only.
 */
export type PllFormat = "minusOne" | "direct" | "bm1387";

export const CRYSTAL_MHZ = 25;

/** At or above this VCO frequency the VCO select bit is set. Captured from S21 Pro: 600 MHz is 50C00230. */
const HIGH_VCO_MHZ = 2400;
const PLL_ENABLE = 0x4000_0000;
const VCO_SELECT = 0x1000_0000;

export function vcoMHz({ fbDiv, refDiv }: PllDividers): number {
  return (CRYSTAL_MHZ * fbDiv) / refDiv;
}

export function pllMHz(dividers: PllDividers): number {
  return vcoMHz(dividers) / (dividers.postDiv1 * dividers.postDiv2);
}

/** The value of the PLL register, unsigned 32 bits. */
export function encodePll(dividers: PllDividers, format: PllFormat): number {
  const { fbDiv, refDiv, postDiv1, postDiv2 } = dividers;
  if (format === "bm1387") return (fbDiv << 16) | (refDiv << 8) | (postDiv1 << 4) | postDiv2;
  const less = format === "minusOne" ? 1 : 0;
  const vcoSelect = format === "minusOne" && vcoMHz(dividers) >= HIGH_VCO_MHZ ? VCO_SELECT : 0;
  const fields = (fbDiv << 16) | (refDiv << 8) | ((postDiv1 - less) << 4) | (postDiv2 - less);
  return (PLL_ENABLE | vcoSelect | fields) >>> 0;
}

/** Dividers from the value of a PLL register; status and enable bits are left out. */
export function decodePll(value: number, format: PllFormat): PllDividers {
  if (format === "bm1387")
    return {
      fbDiv: (value >>> 16) & 0xff,
      refDiv: (value >>> 8) & 0xf,
      postDiv1: (value >>> 4) & 0xf,
      postDiv2: value & 0xf,
    };
  const less = format === "minusOne" ? 1 : 0;
  return {
    fbDiv: (value >>> 16) & 0xfff,
    refDiv: (value >>> 8) & 0x3f,
    postDiv1: ((value >>> 4) & 0x7) + less,
    postDiv2: (value & 0x7) + less,
  };
}
