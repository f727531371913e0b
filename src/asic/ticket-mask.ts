/** The largest mask the register holds asks for 63 zero bits. */
const MAX_EXTRA_ZERO_BITS = 31;

export interface TicketMask {
  /** Power of two: what the chips really filter by. */
  readonly difficulty: number;
  /** Zero bits a reported hash has beyond the 32 of difficulty 1. */
  readonly extraZeroBits: number;
  /** Value of the ticket mask register. */
  readonly registerValue: number;
}

/**
 * The ticket mask for a wanted difficulty, rounded down to a power of two, at least 1. A chip then reports only hashes
 * with `32 + extraZeroBits` leading zero bits. In the register each byte of the mask is bit-reversed.
 * Captured: 0x000000FF for 256 on every stock machine; documented: ESP-Miner, gekko.
 */
export function ticketMask(difficulty: number): TicketMask {
  const whole = Math.max(1, Math.round(difficulty));
  const extraZeroBits = Math.min(MAX_EXTRA_ZERO_BITS, Math.floor(Math.log2(whole)));
  const mask = 2 ** extraZeroBits - 1;
  return {
    difficulty: 2 ** extraZeroBits,
    extraZeroBits,
    registerValue: reverseBitsOfBytes(mask),
  };
}

function reverseBitsOfBytes(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; ++bit) {
    const target = (bit & ~7) | (7 - (bit & 7));
    if ((value >>> bit) & 1) reversed |= 1 << target;
  }
  return reversed >>> 0;
}
