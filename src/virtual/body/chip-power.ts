import type { ChipActivity } from "../chain/virtual-chain.js";
import { hash32, SeededRandom } from "../random.js";

/** How one chip differs from the mean of its kind. */
export interface PowerSpread {
  readonly dynamic: number;
  readonly leakage: number;
}

/** Watts of a chip, apart by how they grow with the voltage over its nominal value. */
export interface PowerDemand {
  /** Times the square of the voltage share. */
  readonly dynamicW: number;
  /** Times the voltage share. */
  readonly leakageW: number;
}

/**
 * Shape of the power of a chip. Inferred: no source takes it apart. What is known is the sum at the nominal point, to
 * which everything is scaled.
 */
const LEAKAGE_SHARE = 0.12;
/** Leakage grows e-fold over this many degrees, from the die temperature at which the nominal power holds. */
const LEAKAGE_EFOLD_C = 40;
const NOMINAL_DIE_C = 65;
const MOST_LEAKAGE = 6;
/** A clocked chip without work takes this share of the dynamic power. */
const IDLE_SHARE = 0.12;
const DYNAMIC_DEVIATION = 0.01;
const LEAKAGE_DEVIATION = 0.15;

export function powerSpread(seed: number, board: number, chip: number): PowerSpread {
  const random = new SeededRandom(hash32(hash32(seed ^ 0x5eed, board), chip));
  const bounded = (): number => Math.max(-2, Math.min(2, random.normal()));
  return {
    dynamic: 1 + DYNAMIC_DEVIATION * bounded(),
    leakage: 1 + LEAKAGE_DEVIATION * bounded(),
  };
}

/** What a chip wants at a die temperature, before its voltage is known. */
export function powerDemand(
  nominalW: number,
  spread: PowerSpread,
  { freqShare, hashingShare }: ChipActivity,
  dieC: number,
): PowerDemand {
  const activity = IDLE_SHARE + (1 - IDLE_SHARE) * hashingShare;
  const warmth = Math.min(MOST_LEAKAGE, Math.exp((dieC - NOMINAL_DIE_C) / LEAKAGE_EFOLD_C));
  return {
    dynamicW: nominalW * (1 - LEAKAGE_SHARE) * spread.dynamic * freqShare * activity,
    leakageW: nominalW * LEAKAGE_SHARE * spread.leakage * warmth,
  };
}

export function powerAt({ dynamicW, leakageW }: PowerDemand, voltageShare: number): number {
  return dynamicW * voltageShare ** 2 + leakageW * voltageShare;
}
