const OFFSETS = 0x1_0000;
const OFFSET_ENABLE = 0x8000_0000;

/**
 * Where chip `chipIndex` of `chips` starts its sweep, in units of 512 nonces. Captured: S21 Pro, 65 chips.
 */
export function nonceOffset(chipIndex: number, chips: number): number {
  return Math.floor((chipIndex * OFFSETS) / chips) + (chipIndex > 0 ? 1 : 0);
}

/** The value of the nonce offset register. */
export function nonceOffsetWord(chipIndex: number, chips: number): number {
  return (OFFSET_ENABLE | nonceOffset(chipIndex, chips)) >>> 0;
}
