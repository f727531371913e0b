import type { AsicFamily } from "./family.js";
import { hashCountingNumber, sliceByAddress, sliceByNonceOffset } from "./hash-counting.js";
import { encodePll, pllMHz, type PllDividers } from "./pll-register.js";
import { solvePll, type PllSolver } from "./pll.js";

/** Clock after a reset. */
export const RESET_CLOCK_MHZ = 50;
/** Captured from S19j Pro and S21 Pro: 56.25 MHz is the first step and each next one is 6.25 MHz higher. */
const RAMP_STEP_MHZ = 6.25;
/** Documented: inc_freq_delay of the stock configuration; ESP-Miner waits as long. */
export const RAMP_STEP_DELAY_MS = 100;

/** The clocks to pass on the way from one to another, up or down; the last is `toMHz` itself. */
export function rampMHz(fromMHz: number, toMHz: number): number[] {
  const stepMHz = toMHz > fromMHz ? RAMP_STEP_MHZ : -RAMP_STEP_MHZ;
  const between = Math.max(0, Math.ceil(Math.abs(toMHz - fromMHz) / RAMP_STEP_MHZ) - 1);
  const clocks = Array.from({ length: between }, (_, index) => fromMHz + (index + 1) * stepMHz);
  return [...clocks, toMHz];
}

/** Everything that follows from a wanted clock. */
export interface FrequencyPlan {
  readonly dividers: PllDividers;
  /** What the PLL really makes. */
  readonly actualMHz: number;
  readonly pllWord: number;
}

/** @throws PLL_UNREACHABLE */
export function planFrequency(
  family: AsicFamily,
  solver: PllSolver,
  freqMHz: number,
): FrequencyPlan {
  const dividers = solvePll(freqMHz, family.pll, solver);
  return {
    dividers,
    actualMHz: pllMHz(dividers),
    pllWord: encodePll(dividers, "minusOne"),
  };
}

/** What keeps the sweeps of the chips of a chain apart. */
export type SweepSplit = "address" | "nonceOffset";

/** Nonces a core of each chip may sweep before it meets the next chip's start. */
export function sliceNonces(
  split: SweepSplit,
  { chips, addressStep }: { readonly chips: number; readonly addressStep: number },
): number {
  return split === "address" ? sliceByAddress(addressStep) : sliceByNonceOffset(chips);
}

/**
 * The hash counting number for a clock: what the stock firmware writes, unless chips would overlap at this clock;
 * full coverage less the family's overrun where no stock value is known.
 */
export function planHashCounting(
  family: AsicFamily,
  sliceNonces: number,
  dividers: PllDividers,
  stockValue?: number,
): number {
  const full = hashCountingNumber(sliceNonces, dividers, family.sweepOverrun.counts);
  return stockValue === undefined ? full : Math.min(stockValue, full);
}
