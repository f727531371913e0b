import { readFileSync } from "node:fs";
import { findSupplyType, loadSupplies } from "../../../src/boards/load-supplies.js";
import type { DacFormula } from "../../../src/drivers/psu/dac-formula.js";

/** A file of test/fixtures/power; the caller states its shape. */
export function powerVectors<File>(name: string): File {
  return JSON.parse(powerText(`${name}.json`)) as File;
}

export function powerText(file: string): string {
  return readFileSync(new URL(`../../fixtures/power/${file}`, import.meta.url), "utf8");
}

/** The formula of a type as the vectors name it: `0x71`, or `0xC1_old` and `0xC1_new` by firmware. */
export function formulaOfVector(type: string): DacFormula {
  const [code, age] = type.split("_");
  const firmware = age === "new" ? 0x1a08 : 0x1a03;
  const dac = findSupplyType(Number(code), firmware, loadSupplies())?.type.dac;
  if (dac === undefined) throw new Error(`no formula for ${type}`);
  return dac;
}
