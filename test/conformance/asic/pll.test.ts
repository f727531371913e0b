import { equal, deepEqual } from "node:assert/strict";
import { BM1362 } from "../../../src/asic/bm1362.js";
import { FAMILIES } from "../../../src/asic/families.js";
import {
  decodePll,
  encodePll,
  pllMHz,
  vcoMHz,
  type PllFormat,
} from "../../../src/asic/pll-register.js";
import { solvePll, type PllLimits } from "../../../src/asic/pll.js";
import { vectorCases } from "./vectors.js";

interface PllCase {
  id: string;
  kind: "decode" | "solve";
  chip: string;
  register_value: string;
  fb_div: number;
  ref_div: number;
  post_div1: number;
  post_div2: number;
  vco_mhz: number;
  actual_mhz: number;
  target_mhz: number;
  solver?: "stock" | "esp-miner";
}

const FORMATS: Readonly<Record<string, PllFormat>> = {
  BM1387: "bm1387",
  BM1397: "direct",
  BM1398: "direct",
};
/** Dividers without enable, lock and VCO bits, which reset values have otherwise. */
const FIELDS = 0x0fff_ffff;
/** Families that only the solvers know so far. Documented: fact sheet BM13xx, section 7. */
const BM1397_LIMITS: PllLimits = {
  fbMin: 60,
  fbMax: 200,
  vcoMinMHz: 0,
  vcoMaxMHz: Infinity,
  vcoMaxRef1MHz: Infinity,
  evidence: "documented",
  source: "ESP-Miner",
};

function limitsOf(chip: string): PllLimits {
  if (chip === "BM1397") return BM1397_LIMITS;
  if (chip === "BM1398") return BM1362.pll;
  return FAMILIES[chip as keyof typeof FAMILIES].pll;
}

describe("PLL vectors", () => {
  for (const vector of vectorCases<PllCase>("pll")) {
    const format = FORMATS[vector.chip] ?? "minusOne";
    const dividers = {
      fbDiv: vector.fb_div,
      refDiv: vector.ref_div,
      postDiv1: vector.post_div1,
      postDiv2: vector.post_div2,
    };
    const value = Number(vector.register_value);

    it(`${vector.id}: dividers, clock and register value agree`, () => {
      deepEqual(decodePll(value, format), dividers);
      equal(encodePll(dividers, format) & FIELDS, value & FIELDS);
      equal(pllMHz(dividers).toFixed(4), vector.actual_mhz.toFixed(4));
      equal(vcoMHz(dividers), vector.vco_mhz);
    });

    const { solver } = vector;
    if (solver === undefined) continue;
    it(`${vector.id}: the ${solver} solver picks these dividers`, () => {
      const name = solver === "stock" ? "stock" : "espMiner";
      const found = solvePll(vector.target_mhz, limitsOf(vector.chip), name);
      deepEqual(found, dividers);
      equal(encodePll(found, format), value);
    });
  }
});
