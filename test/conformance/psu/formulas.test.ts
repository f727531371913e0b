import { equal, ok } from "node:assert/strict";
import { codeOfMv, mvOfCode } from "../../../src/drivers/psu/dac-formula.js";
import { formulaOfVector, powerVectors } from "./vectors.js";

interface Formulas {
  readonly coefficients: Readonly<Record<string, { readonly a: number; readonly b: number }>>;
  readonly observed: readonly { type: string; volts: number; n: number; kind: string }[];
  readonly vectors: readonly { type: string; volts: number; exact: number; n_truncated: number }[];
}

const { coefficients, observed, vectors } = powerVectors<Formulas>("psu_dac_formulas");

describe("formulas of supplies", () => {
  for (const [type, { a, b }] of Object.entries(coefficients))
    it(`has the coefficients of type ${type} in boards/power-supplies`, () => {
      equal(formulaOfVector(type).a, a);
      equal(formulaOfVector(type).b, b);
    });

  for (const { type, volts, exact, n_truncated } of vectors) {
    const formula = formulaOfVector(type);
    const isPossible = exact > -1 && exact < 256;
    it(`${isPossible ? "tells" : "refuses"} type ${type} ${volts} V`, () => {
      ok(Math.abs(formula.a - formula.b * volts - exact) < 1e-3);
      equal(codeOfMv(formula, volts * 1000), isPossible ? n_truncated : undefined);
    });
  }

  it("refuses what the tool would clamp", () => {
    // The vector clamps to 0, which is 15.12 V: asked for was 15.2 V.
    equal(vectors.filter(({ exact }) => exact < 0 || exact >= 256).length, 1);
  });

  for (const { type, volts, n, kind } of observed)
    it(`is within a step of what was ${kind} of type ${type}`, () => {
      const code = codeOfMv(formulaOfVector(type), volts * 1000);
      ok(code !== undefined && Math.abs(code - n) <= (kind === "captured" ? 0 : 1));
    });

  it("gives the ends of the sheet", () => {
    const ends = { "0x22": [20.29, 16.03], "0x41": [21.36, 14.24], "0x71": [15.12, 11.89] };
    for (const [type, [high = 0, low = 0]] of Object.entries(ends)) {
      ok(Math.abs(mvOfCode(formulaOfVector(type), 0) / 1000 - high) < 0.006, type);
      ok(Math.abs(mvOfCode(formulaOfVector(type), 255) / 1000 - low) < 0.006, type);
    }
  });
});
