/**
 * Words of the fan registers in the FPGA images of Zynq control boards. Nothing opens such an FPGA yet; the words are here so
 * that the facts are held to the captures.
 */

/**
 * The duty: what is on in the upper half, what is off in the lower one. Captured on an S19 Pro at registers 084 and 0A0, with
 * scale 100; documented for the S9's stock image, with scale 50.
 */
export function zynqDutyWord(dutyPct: number, scale: 100 | 50): number {
  const on = Math.round((dutyPct * scale) / 100);
  return ((on << 16) | (scale - on)) >>> 0;
}

/** Register 004: the fans take turns in it. Captured on an S19 Pro. */
export function zynqTach(word: number): { readonly fan: number; readonly rpm: number } {
  return { fan: (word >> 8) & 7, rpm: (word & 0xff) * 120 };
}
