import type { SupplyType } from "../../boards/schema/power-supply.js";

/** N = a - b x volts; a higher N is a lower voltage. */
export type DacFormula = NonNullable<SupplyType["dac"]>;

export const MAX_CODE = 255;

/**
 * The code for a voltage, truncated as the vendor's tool does, so that the voltage is met or passed by less than a step;
 * undefined where no code gives it.
 */
export function codeOfMv(formula: DacFormula, railMv: number): number | undefined {
  const code = Math.trunc(formula.a - (formula.b * railMv) / 1000);
  return code >= 0 && code <= MAX_CODE ? Math.abs(code) : undefined;
}

/** Exact, mV. */
export function mvOfCode(formula: DacFormula, code: number): number {
  return ((formula.a - code) / formula.b) * 1000;
}
