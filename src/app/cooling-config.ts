import * as z from "zod/mini";
import type { MachineSpec } from "../boards/machine-spec.js";
import { COOLING_MODES, coolingFault, LEAST_DUTY_PCT } from "../cooling/cooling-plan.js";
import type { Contradiction } from "./pool-config.js";

/** Percent of full speed; slower fans may stand. */
const Duty = z.int().check(z.minimum(LEAST_DUTY_PCT), z.maximum(100));

/** The field `cooling` of the configuration file. */
export const Cooling = z.strictObject({
  /** What takes the heat away; air when left out, where the machine has fans. Immersion and hydro need no fans. */
  mode: z.optional(z.enum(COOLING_MODES)),
  /** Temperature of the hottest board that the fans hold; the machine's own when left out. */
  targetC: z.optional(z.number()),
  /** The fans are never slower while the machine runs; the machine's own floor when left out. */
  minDutyPct: z.optional(Duty),
  /** Quiet: the fans are no faster while readings are below their warning, and the clock is lowered instead. */
  maxDutyPct: z.optional(Duty),
  /** Hydro: somebody else proves the flow of the coolant, and cuts the power when it fails. */
  flowProvenBy: z.optional(z.literal("external")),
});

/** What this machine cannot do of it; undefined when it can do all. */
export function wrongCooling(
  cooling: z.infer<typeof Cooling>,
  machine: MachineSpec,
): Contradiction | undefined {
  const fault = coolingFault(machine, cooling);
  if (fault === undefined) return undefined;
  const { field, expected } = fault;
  return { path: `cooling.${field}`, value: cooling[field], expected };
}
