import { loadMachine } from "../../../src/boards/load-machine.js";
import type { CoolingInputs, CoolingMemory } from "../../../src/cooling/cooling-inputs.js";
import { coolingPlan, type CoolingPlan } from "../../../src/cooling/cooling-plan.js";
import { freshMemory } from "../../../src/cooling/decide.js";
import type { FanFact, TemperatureFact } from "../../../src/safety/rail-facts.js";
import { outlet } from "../safety/good-facts.js";

/** Target 60, warning 65, throttle 70. */
export const PLAN: CoolingPlan = coolingPlan(loadMachine("s19k-pro"), {});
export const QUIET: CoolingPlan = { ...PLAN, maxDutyPct: 50 };

export function fan(changes: Partial<FanFact> = {}): FanFact {
  const expectedRpm = { leastRpm: 1500, mostRpm: 7000 };
  return { ...{ fan: 1, rpm: 4000, expectedRpm, goodAgeS: 0.5 }, ...changes };
}

export const FANS: readonly FanFact[] = [1, 2, 3, 4].map((number) => fan({ fan: number }));

export function at(tempC: number, changes: Partial<TemperatureFact> = {}): TemperatureFact {
  return outlet({ tempC, ...changes });
}

/** A machine that runs and of which all is well. */
export function inputs(changes: Partial<CoolingInputs> = {}): CoolingInputs {
  return {
    ...{ nowMs: 100_000, lateMs: 0, isPowered: true, isProving: false, areFansLearnt: true },
    ...{ slots: [0], temperatures: [at(60)], fans: FANS, powerW: 2565 },
    ...changes,
  };
}

/** After a decision a second ago, on a machine that has run for long. */
export function memory(changes: Partial<CoolingMemory> = {}): CoolingMemory {
  return {
    ...freshMemory(99_000),
    ...{ dutyPct: 60, smoothC: 0, faultAtMs: null, isStarted: true, offSinceMs: null },
    ...changes,
  };
}
