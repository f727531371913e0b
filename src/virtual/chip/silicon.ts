import { hash32, SeededRandom } from "../random.js";

/**
 * How a chip behaves at a voltage and a clock. The curve is inferred: no source gives one. It is chosen so that a
 * rail at its nominal voltage carries the nominal clock with some percent to spare, that errors begin where the
 * margin ends and grow quickly, and that cores stop altogether a little further down.
 */
export interface SiliconState {
  /** Share of nonces that come out wrong. */
  readonly errorShare: number;
  /** Share of hash units that do nothing any more. */
  readonly deadShare: number;
  /** False when the voltage is too low for the chip to answer at all. */
  readonly isPowered: boolean;
}

/** Voltage a chip needs for its nominal clock, as a share of its nominal voltage. */
const NEED_AT_NOMINAL = 0.95;
/** The part of that need which does not shrink with the clock. */
const NEED_AT_REST = 0.6;
/** Margin below 1 at which half of the nonces are wrong, and the one at which units begin to stop. */
const HALF_WRONG_SHORTAGE = 0.03;
const STOPPING_SHORTAGE = 0.05;
const ALL_STOPPED_SHORTAGE = 0.15;
/** Deviation of the need from chip to chip. */
const QUALITY_DEVIATION = 0.008;
/** Below this share of the nominal voltage the logic does not run. */
const POWERED_SHARE = 0.3;

/** Factor on the voltage that one chip needs: the spread of a wafer, bounded at three deviations. */
export function qualityFactor(seed: number, chainIndex: number, chipIndex: number): number {
  const spread = new SeededRandom(hash32(hash32(seed, chainIndex), chipIndex)).normal();
  return 1 + QUALITY_DEVIATION * Math.max(-3, Math.min(3, spread));
}

/**
 * @param voltageShare voltage over nominal voltage
 * @param freqShare hash clock over nominal hash clock
 */
export function siliconState(
  voltageShare: number,
  freqShare: number,
  quality: number,
): SiliconState {
  if (voltageShare < POWERED_SHARE) return { errorShare: 0, deadShare: 1, isPowered: false };
  const need = quality * NEED_AT_NOMINAL * (NEED_AT_REST + (1 - NEED_AT_REST) * freqShare);
  const shortage = 1 - voltageShare / need;
  if (shortage <= 0) return { errorShare: 0, deadShare: 0, isPowered: true };
  const stopping = (shortage - STOPPING_SHORTAGE) / (ALL_STOPPED_SHORTAGE - STOPPING_SHORTAGE);
  return {
    errorShare: Math.min(1, (shortage / HALF_WRONG_SHORTAGE) ** 2 / 2),
    deadShare: Math.max(0, Math.min(1, stopping)),
    isPowered: true,
  };
}
