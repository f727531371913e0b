import { CRYSTAL_MHZ, pllMHz, type PllDividers } from "./pll-register.js";

/**
 * One count of the hash counting number: two periods of the crystal.
 * Captured: fit to two published runs of a BM1366; inferred for the other families from their hash rate.
 */
const HCN_COUNT_NS = 80;

/** Nonces that each core counts: bits 24:0 of the nonce. */
const CORE_NONCES = 2 ** 25;
/** A chip's sweep starts at address << 17, so an address step of one is this many nonces. */
const NONCES_PER_ADDRESS = 2 ** 17;

/** Nonces a core may sweep before it meets the next chip's start, where addresses separate the chips. */
export function sliceByAddress(addressStep: number): number {
  return Math.min(addressStep * NONCES_PER_ADDRESS, CORE_NONCES);
}

/** The same where nonce offsets separate the chips. */
export function sliceByNonceOffset(chips: number): number {
  return Math.floor(CORE_NONCES / chips);
}

/**
 * The hash counting number with which every core sweeps its slice exactly once per batch, less `guard` counts because
 * the sweep overruns. Rounded down: too long re-finds the neighbour's nonces, too short costs nothing, as the chip
 * goes on to new versions sooner. At least 1, since 0 stops hashing.
 */
export function hashCountingNumber(sliceNonces: number, pll: PllDividers, guard = 0): number {
  const counts = fullCoverage(sliceNonces, pll) - guard;
  return Math.max(1, counts);
}

/** slice x ref x postDiv1 x postDiv2 / (2 x fb): the crystal cancels out, so this is exact. */
function fullCoverage(sliceNonces: number, pll: PllDividers): number {
  const divider = pll.refDiv * pll.postDiv1 * pll.postDiv2;
  return Math.floor((sliceNonces * divider) / (2 * pll.fbDiv));
}

/** Nonces that each core sweeps in one batch. */
export function windowNonces(hcn: number, pll: PllDividers): number {
  return (hcn * 2 * pllMHz(pll)) / CRYSTAL_MHZ;
}

/** Time of one batch: every sub-core sweeps the window once, each with a version of its own. */
export function batchMs(hcn: number): number {
  return (hcn * HCN_COUNT_NS) / 1e6;
}
