import type { Finding } from "../../lib/finding.js";
import { isolated, type FittedMachine, type SlotVerdict } from "../machine/fitted-machine.js";

/** The machine with these verdicts in place of its own. */
export function withVerdicts(
  fitted: FittedMachine,
  verdicts: ReadonlyMap<number, SlotVerdict>,
): FittedMachine {
  return {
    ...fitted,
    slots: fitted.slots.map((slot) => ({
      ...slot,
      verdict: verdicts.get(slot.slot) ?? slot.verdict,
    })),
  };
}

export function withIsolated(
  fitted: FittedMachine,
  findings: ReadonlyMap<number, Finding>,
): FittedMachine {
  const verdicts = [...findings].map(([slot, finding]) => [slot, isolated(finding)] as const);
  return withVerdicts(fitted, new Map(verdicts));
}
