import type { CoolingDecision, CoolingInputs, CoolingMemory } from "./cooling-inputs.js";
import type { CoolingPlan } from "./cooling-plan.js";

/** Hears of every decision. Must be quick and never throw. */
export interface CoolingWitness {
  decided(
    inputs: CoolingInputs,
    plan: CoolingPlan,
    before: CoolingMemory,
    decision: CoolingDecision,
  ): void;
}
