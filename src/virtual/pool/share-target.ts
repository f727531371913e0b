// The largest number a hash can be.
const MAX_TARGET = (1n << 256n) - 1n;

/**
 * The share target floor(difficulty1Target / difficulty), at most 2^256 - 1.
 * Exact for every number that JSON can carry: the shortest decimal text of `difficulty` is divided,
 * because that text is what the miner reads. Throws `RangeError` when the difficulty is not positive
 * and finite or leaves no target.
 */
export function shareTarget(difficulty: number, difficulty1Target: bigint): bigint {
  if (!Number.isFinite(difficulty) || difficulty <= 0)
    throw new RangeError(`difficulty must be a positive number, not ${String(difficulty)}`);
  const [mantissa = "", exponent = "0"] = String(difficulty).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = BigInt(whole + fraction);
  const power = Number(exponent) - fraction.length;
  const target =
    power < 0
      ? (difficulty1Target * 10n ** BigInt(-power)) / digits
      : difficulty1Target / (digits * 10n ** BigInt(power));
  if (target === 0n) throw new RangeError(`difficulty ${String(difficulty)} leaves no target`);
  return target > MAX_TARGET ? MAX_TARGET : target;
}

/** The difficulty that a hash (as a number) reaches. */
export function hashDifficulty(hash: bigint, difficulty1Target: bigint): number {
  return Number(difficulty1Target) / Number(hash);
}

/** The block target of a compact `nbits`; 0 when the sign bit is set. */
export function blockTarget(nbits: number): bigint {
  const exponent = nbits >>> 24;
  if ((nbits & 0x00800000) !== 0) return 0n;
  const mantissa = BigInt(nbits & 0x007fffff);
  return exponent >= 3
    ? mantissa << BigInt(8 * (exponent - 3))
    : mantissa >> BigInt(8 * (3 - exponent));
}
