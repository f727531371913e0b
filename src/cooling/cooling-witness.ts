import type { CoolingDecision, CoolingInputs, CoolingMemory } from "./cooling-inputs.js";

/** Hears of every decision. Must be quick and never throw. */
export interface CoolingWitness {
  decided(inputs: CoolingInputs, before: CoolingMemory, decision: CoolingDecision): void;
}
