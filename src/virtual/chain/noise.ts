import type { SeededRandom } from "../random.js";
import type { WireDamage } from "../chain-effects.js";

/** Rates further apart than this do not understand each other: ten bits may slip by less than half a bit. */
const BAUD_TOLERANCE = 0.03;

/**
 * True when a receiver at one rate reads a sender at another. Undefined on the host's side is a wire without a rate,
 * which carries everything; undefined on the chip's side is a rate that is not known, which fits none.
 */
export function baudsAgree(hostBaud: number | undefined, chipBaud: number | undefined): boolean {
  if (chipBaud === undefined) return false;
  return hostBaud === undefined || Math.abs(hostBaud / chipBaud - 1) <= BAUD_TOLERANCE;
}

/** What a receiver at the wrong rate makes of a byte. */
export function garbled(random: SeededRandom): number {
  return random.below(256);
}

/** Bytes as they come out of a damaged wire. */
export function damaged(bytes: Uint8Array, wire: WireDamage, random: SeededRandom): Uint8Array {
  if (wire.lossShare === 0 && wire.extraShare === 0 && wire.damageShare === 0) return bytes;
  const result: number[] = [];
  for (const byte of bytes) {
    const isLost = random.next() < wire.lossShare;
    const isChanged = random.next() < wire.damageShare;
    if (!isLost) result.push(isChanged ? byte ^ (1 + random.below(255)) : byte);
    if (random.next() < wire.extraShare) result.push(random.below(256));
  }
  return Uint8Array.from(result);
}
