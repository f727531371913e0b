import { toHex } from "../lib/bytes.js";
import { MinerError } from "../lib/errors.js";
import type { Network } from "./network.js";

const MAX_TARGET = (1n << 256n) - 1n;

// A JSON number, the only text that counts as a difficulty.
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

// IEEE 754 double: 52 stored mantissa bits, exponent bias 1023.
const MANTISSA_BITS = 52n;
const EXPONENT_BIAS = 1023n;

/**
 * The share target of a difficulty: floor(difficulty-1 target / d), at most 2^256 - 1, with d the exact
 * value of the double that the number or the decimal text stands for. Pools compute with that double.
 * Throws `DIFFICULTY_INVALID` for zero, negative and infinite values, NaN, text that is no decimal
 * number, and a difficulty so high that no hash could meet it.
 */
export function targetFromDifficulty(difficulty: number | string, network: Network): bigint {
  const target = findTargetOfDifficulty(difficulty, network);
  if (target === undefined) throw new MinerError("DIFFICULTY_INVALID", { difficulty });
  return target;
}

/** As `targetFromDifficulty`, but undefined where that one throws. */
export function findTargetOfDifficulty(
  difficulty: number | string,
  network: Network,
): bigint | undefined {
  const value = difficultyValue(difficulty);
  if (!Number.isFinite(value) || value <= 0) return undefined;
  const { numerator, denominator } = exactFraction(value);
  const target = (network.difficulty1Target * denominator) / numerator;
  if (target === 0n) return undefined;
  return target > MAX_TARGET ? MAX_TARGET : target;
}

/** The difficulty as a double; NaN for text that is no decimal number. */
export function difficultyValue(difficulty: number | string): number {
  if (typeof difficulty === "number") return difficulty;
  const text = difficulty.trim();
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}

/** The difficulty of a hash, a 256-bit number in 32 bytes as hashed (little-endian); a double. */
export function difficultyOfHash(hashLe: Uint8Array, network: Network): number {
  return difficultyOfTarget(targetFromLe(hashLe), network);
}

/** The difficulty that a target stands for, as a double; `Infinity` for target 0. */
export function difficultyOfTarget(target: bigint, network: Network): number {
  return Number(network.difficulty1Target) / Number(target);
}

/** A target or hash as 32 bytes, least significant first. Throws `RangeError` beyond 256 bits. */
export function targetToLe(target: bigint): Uint8Array {
  if (target < 0n || target > MAX_TARGET) throw new RangeError("a target has 256 bits");
  return new Uint8Array(Buffer.from(target.toString(16).padStart(64, "0"), "hex").reverse());
}

/** The 256-bit number in 32 bytes, least significant first. */
export function targetFromLe(bytesLe: Uint8Array): bigint {
  if (bytesLe.length !== 32) throw new RangeError("a target has 32 bytes");
  return BigInt(`0x${toHex(Uint8Array.from(bytesLe).reverse())}`);
}

/** A compact target (nbits) taken apart; `target` has no meaning when `overflow` is set. */
export interface CompactTarget {
  readonly target: bigint;
  readonly negative: boolean;
  readonly overflow: boolean;
}

/** Decodes the 32-bit compact form. Documented: Bitcoin Core, arith_uint256 SetCompact. */
export function decodeCompact(nbits: number): CompactTarget {
  const size = nbits >>> 24;
  const mantissa = nbits & 0x007fffff;
  const word = size <= 3 ? mantissa >>> (8 * (3 - size)) : mantissa;
  return {
    target: size <= 3 ? BigInt(word) : BigInt(word) << BigInt(8 * (size - 3)),
    negative: word !== 0 && (nbits & 0x00800000) !== 0,
    overflow:
      word !== 0 && (size > 34 || (word > 0xff && size > 33) || (word > 0xffff && size > 32)),
  };
}

/** The network target of `nbits`; undefined when it is negative, does not fit 256 bits, or is 0. */
export function targetFromCompact(nbits: number): bigint | undefined {
  const { target, negative, overflow } = decodeCompact(nbits);
  return negative || overflow || target === 0n ? undefined : target;
}

/**
 * The highest hash that a chip reports at a ticket difficulty. The chip tests leading zero bits, so
 * difficulty 1 is 2^224 - 1 here, a little more than the pools' 0xffff * 2^208.
 * Throws `RangeError` when `difficulty` is not a power of two of at least 1.
 */
export function ticketTarget(difficulty: number, network: Network): bigint {
  const zeroBits = Math.log2(difficulty);
  if (!Number.isInteger(zeroBits) || zeroBits < 0)
    throw new RangeError("a ticket difficulty is a power of two");
  const difficulty1Bound = (network.difficulty1Target / 0xffffn) << 16n;
  return (difficulty1Bound >> BigInt(zeroBits)) - 1n;
}

/** A positive finite double as the fraction that it exactly is. */
function exactFraction(value: number): { numerator: bigint; denominator: bigint } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const storedExponent = bits >> MANTISSA_BITS;
  const fraction = bits & ((1n << MANTISSA_BITS) - 1n);
  const isSubnormal = storedExponent === 0n;
  const mantissa = isSubnormal ? fraction : fraction | (1n << MANTISSA_BITS);
  const exponent = (isSubnormal ? 1n : storedExponent) - EXPONENT_BIAS - MANTISSA_BITS;
  return exponent >= 0n
    ? { numerator: mantissa << exponent, denominator: 1n }
    : { numerator: mantissa, denominator: 1n << -exponent };
}
