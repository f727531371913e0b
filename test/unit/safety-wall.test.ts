import { equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { safetyWallDoc } from "../../scripts/docs/safety-wall-doc.js";
import { BODY_FAULTS } from "../../src/virtual/body/faults/body-fault-set.js";
import { checkParameters } from "../../src/virtual/fault-parameters.js";
import { FAULTS } from "../../src/virtual/faults.js";
import { minesOn } from "../hardware-wall/row.js";
import { ROWS } from "../hardware-wall/rows.js";

/** Decided: what the wall is to cover at least. */
const LEAST_ROWS = 60;

describe("the rows of the wall of hardware faults", () => {
  it("are enough for every day, and each has a name of its own", () => {
    ok(ROWS.filter(({ isLong = false }) => !isLong).length >= LEAST_ROWS);
    equal(new Set(ROWS.map(({ name }) => name)).size, ROWS.length);
  });

  it("are what docs/safety-wall.md says", () => {
    const doc = readFileSync("docs/safety-wall.md", "utf8");
    ok(doc === safetyWallDoc(), "out of date: run npx tsx scripts/docs/safety-wall-doc.ts");
  });

  it("set faults that there are, with parameters that they take", () => {
    const all = { ...FAULTS, ...BODY_FAULTS };
    for (const { faults = [], deed, name } of ROWS) {
      ok(faults.length > 0 || deed !== undefined, name);
      for (const { name: fault, ...given } of faults) {
        const known = all[fault];
        ok(known !== undefined, `${name}: ${fault}`);
        const isParameter = ([parameter]: readonly [string, unknown]): boolean =>
          parameter !== "chain";
        checkParameters(known, Object.fromEntries(Object.entries(given).filter(isParameter)));
      }
    }
  });

  it("stop no board but those that they strike", () => {
    for (const row of ROWS) {
      if (row.effect !== "isolate" && row.effect !== "again") continue;
      const struck = new Set(row.faults?.flatMap(({ chain }) => chain ?? []));
      equal(minesOn(row).length, 3 - struck.size, row.name);
    }
  });
});
