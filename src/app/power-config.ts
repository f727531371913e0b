import type { DrivenMachine } from "../boards/machine-spec.js";
import { estimatePowerW } from "../power/power-estimate.js";
import type { Contradiction } from "./pool-config.js";

type Machine = Pick<DrivenMachine, "rated" | "railMv" | "freqMHz">;

/** What a machine takes at its lowest clock at least; undefined where its data do not tell. */
export function leastPowerW(machine: Machine, railMv: number | undefined): number | undefined {
  if (railMv === undefined) return undefined;
  const { min } = machine.freqMHz;
  const watts = estimatePowerW(machine, { railMv, freqMHz: min, hashingShare: 1 });
  return watts === undefined ? undefined : Math.ceil(watts);
}

/** What would do instead of watts that are too few. */
export function enoughWatts(leastW: number): string {
  return `at least ${String(leastW)} W, taken at the lowest clock; for less, sleep or curtail to off`;
}

/** A target that this machine is never below; undefined where it is none. */
export function wrongPower(
  {
    powerW,
    railMv,
  }: { readonly powerW?: number | undefined; readonly railMv?: number | undefined },
  machine: Machine,
): Contradiction | undefined {
  const leastW = leastPowerW(machine, railMv ?? machine.railMv?.running);
  if (powerW === undefined || leastW === undefined || powerW >= leastW) return undefined;
  return { path: "powerW", value: powerW, expected: enoughWatts(leastW) };
}
