import type { BringUpName } from "../boards/names.js";
import { BRING_UPS } from "./bring-up/bring-ups.js";
import { FAMILIES } from "./families.js";
import { planFrequency } from "./frequency.js";

/** @throws PLL_UNREACHABLE when the chips that are brought up so cannot make that clock */
export function assertClock(name: BringUpName, freqMHz: number): void {
  const { model, solver } = BRING_UPS[name];
  planFrequency(FAMILIES[model], solver, freqMHz);
}
