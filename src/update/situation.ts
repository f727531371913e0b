import type { SlotChoice } from "./slot-choice.js";
import type { SlotName } from "./update-config.js";

/**
 * What a start finds. `trial`: this slot runs and is not chosen yet. `staged`: the other is tried at the next start.
 * `rolledBack`: the other was tried and did not stay.
 */
export type Situation = "settled" | "staged" | "trial" | "rolledBack";

export function situationOf(
  running: SlotName,
  { active, trial, triesLeft }: SlotChoice,
): Situation {
  if (trial === undefined) return "settled";
  if (trial === running) return active === running ? "settled" : "trial";
  return triesLeft > 0 ? "staged" : "rolledBack";
}
