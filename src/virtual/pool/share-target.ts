// The largest number a hash can be.
const MAX_TARGET = (1n << 256n) - 1n;

/**
 * The share target floor(difficulty1Target / difficulty), at most 2^256 - 1, exact for the double
 * that `difficulty` is. Throws `RangeError` when the difficulty is not positive and finite or leaves
 * no target.
 */
export function shareTarget(difficulty: number, difficulty1Target: bigint): bigint {
  if (!Number.isFinite(difficulty) || difficulty <= 0)
    throw new RangeError(`difficulty must be a positive number, not ${String(difficulty)}`);
  // Doubling a double loses nothing, so this ends with a whole number over a power of two.
  let whole = difficulty;
  let doublings = 0n;
  for (; !Number.isInteger(whole); whole *= 2) doublings++;
  const target = (difficulty1Target << doublings) / BigInt(whole);
  if (target === 0n) throw new RangeError(`difficulty ${String(difficulty)} leaves no target`);
  return target > MAX_TARGET ? MAX_TARGET : target;
}

/** The difficulty that a hash (as a number) reaches. */
export function hashDifficulty(hash: bigint, difficulty1Target: bigint): number {
  return Number(difficulty1Target) / Number(hash);
}

/** The block target of a compact `nbits`; 0 when it is negative or does not fit into 256 bits. */
export function blockTarget(nbits: number): bigint {
  const exponent = nbits >>> 24;
  const mantissa = BigInt(nbits & 0x007fffff);
  const target =
    exponent >= 3 ? mantissa << BigInt(8 * (exponent - 3)) : mantissa >> BigInt(8 * (3 - exponent));
  const isNegative = (nbits & 0x00800000) !== 0;
  return isNegative || target > MAX_TARGET ? 0n : target;
}
