import { MinerError } from "../lib/errors.js";
import type { Provenance } from "../lib/evidence.js";
import { CRYSTAL_MHZ, pllMHz, vcoMHz, type PllDividers } from "./pll-register.js";

/** What the PLL of a family can do. */
export interface PllLimits extends Provenance {
  readonly fbMin: number;
  readonly fbMax: number;
  readonly vcoMinMHz: number;
  readonly vcoMaxMHz: number;
  /** Upper VCO limit when the reference divider is 1. */
  readonly vcoMaxRef1MHz: number;
}

/** Which of the two known searches picks the dividers; both reach the same clock by other dividers. */
export type PllSolver = "stock" | "espMiner";

/** The stock solver gives up when no setting is nearer than this. */
const STOCK_WORST_ERROR_MHZ = 10;
/** Errors this close count as equal in ESP-Miner's solver. */
const ESP_TIE_MHZ = 0.0001;

/**
 * Dividers for a hash clock of `freqMHz`.
 * @throws PLL_UNREACHABLE when no setting within the limits comes near.
 */
export function solvePll(freqMHz: number, limits: PllLimits, solver: PllSolver): PllDividers {
  const found = solver === "stock" ? solveStock(freqMHz, limits) : solveEspMiner(freqMHz, limits);
  if (found === undefined)
    throw new MinerError("PLL_UNREACHABLE", {
      field: "freqMHz",
      value: freqMHz,
      fbMin: limits.fbMin,
      fbMax: limits.fbMax,
      vcoMinMHz: limits.vcoMinMHz,
      vcoMaxMHz: limits.vcoMaxMHz,
    });
  return found;
}

/**
 * The search of the stock firmware: the first setting of the smallest error wins.
 * Documented: disassembly of the S19 Pro test program; reproduces every captured ramp step.
 */
function solveStock(freqMHz: number, limits: PllLimits): PllDividers | undefined {
  let best: PllDividers | undefined;
  let bestErrorMHz = STOCK_WORST_ERROR_MHZ;
  for (const refDiv of [2, 1])
    for (let postDiv2 = 1; postDiv2 <= 7; ++postDiv2)
      for (let postDiv1 = postDiv2; postDiv1 <= 7; ++postDiv1) {
        const dividers = nearest(freqMHz, refDiv, postDiv1, postDiv2);
        if (!isWithin(dividers, limits)) continue;
        const errorMHz = Math.abs(pllMHz(dividers) - freqMHz);
        if (errorMHz >= bestErrorMHz) continue;
        best = dividers;
        bestErrorMHz = errorMHz;
      }
  return best;
}

/** ESP-Miner's search: least error, then lowest VCO, then lowest product of post-dividers. */
function solveEspMiner(freqMHz: number, limits: PllLimits): PllDividers | undefined {
  let best: PllDividers | undefined;
  for (const refDiv of [2, 1])
    for (let postDiv1 = 7; postDiv1 >= 1; --postDiv1)
      for (let postDiv2 = 7; postDiv2 >= 1; --postDiv2) {
        if (postDiv1 <= postDiv2) continue;
        const dividers = nearest(freqMHz, refDiv, postDiv1, postDiv2);
        if (!isWithin(dividers, limits)) continue;
        if (best === undefined || isBetter(dividers, best, freqMHz)) best = dividers;
      }
  return best;
}

function isBetter(candidate: PllDividers, best: PllDividers, freqMHz: number): boolean {
  const gainMHz = Math.abs(pllMHz(best) - freqMHz) - Math.abs(pllMHz(candidate) - freqMHz);
  if (Math.abs(gainMHz) > ESP_TIE_MHZ) return gainMHz > 0;
  const vcoGainMHz = vcoMHz(best) - vcoMHz(candidate);
  if (Math.abs(vcoGainMHz) > ESP_TIE_MHZ) return vcoGainMHz > 0;
  return candidate.postDiv1 * candidate.postDiv2 < best.postDiv1 * best.postDiv2;
}

function nearest(freqMHz: number, refDiv: number, postDiv1: number, postDiv2: number): PllDividers {
  const fbDiv = Math.round((freqMHz * refDiv * postDiv1 * postDiv2) / CRYSTAL_MHZ);
  return { fbDiv, refDiv, postDiv1, postDiv2 };
}

function isWithin(dividers: PllDividers, limits: PllLimits): boolean {
  if (dividers.fbDiv < limits.fbMin || dividers.fbDiv > limits.fbMax) return false;
  const vco = vcoMHz(dividers);
  const vcoMax = dividers.refDiv === 1 ? limits.vcoMaxRef1MHz : limits.vcoMaxMHz;
  return vco >= limits.vcoMinMHz && vco <= vcoMax;
}
