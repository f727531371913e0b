import type { MachineSpec } from "../boards/machine-spec.js";
import type { PowerSupply, PsuIdentity, PsuTemperature } from "../drivers/power-supply.js";
import type { Clock } from "../lib/clock.js";
import type { Finding } from "../lib/finding.js";
import type { SetpointFact } from "../safety/rail-facts.js";
import type { RailInterlock, RailState } from "../safety/rail-interlock.js";
import { estimatePowerW, type PowerLoad } from "./power-estimate.js";
import type { SupplyQuestion, SupplyReadings, SupplyValues } from "./supply-readings.js";

/** A value, how old it is and how it is known. `none`: nobody knows; the value is null then. */
export interface Reading<Value> {
  readonly value: Value | null;
  readonly ageS: number | null;
  readonly evidence: "measured" | "estimated" | "none";
}

/** The rail at one moment. Plain JSON. */
export interface RailSnapshot {
  readonly isOn: boolean;
  readonly state: RailState["is"];
  readonly supply: PsuIdentity;
  /** As the supply holds it, read back. */
  readonly setpointMv: Reading<number>;
  readonly outputMv: Reading<number>;
  readonly powerW: Reading<number>;
  readonly temperatures: Reading<readonly PsuTemperature[]>;
  readonly trouble: Finding | null;
}

interface Sources {
  readonly interlock: RailInterlock;
  readonly clock: Clock;
  readonly machine: Pick<MachineSpec, "rated" | "railMv" | "freqMHz">;
  readonly supply: PowerSupply;
  readonly trouble: Finding | undefined;
  readonly setpoint: SetpointFact;
  readonly readings: SupplyReadings;
  readonly load: Omit<PowerLoad, "railMv"> | undefined;
}

const NOTHING = { value: null, ageS: null, evidence: "none" } as const;

export function railSnapshot(sources: Sources): RailSnapshot {
  const { interlock, supply, trouble } = sources;
  return {
    isOn: interlock.isOn,
    state: interlock.state.is,
    supply: supply.identity,
    setpointMv: measured(sources, "setpointMv"),
    outputMv: measured(sources, "outputMv"),
    powerW: power(sources),
    temperatures: measured(sources, "temperatures"),
    trouble: trouble ?? null,
  };
}

function measured<Question extends SupplyQuestion>(
  { readings, clock }: Sources,
  question: Question,
): Reading<SupplyValues[Question]> {
  const answer = readings.latest(question);
  if (answer === undefined) return NOTHING;
  const ageS = (clock.nowMs() - answer.atMs) / 1000;
  return { value: answer.value, ageS, evidence: "measured" };
}

function power(sources: Sources): Reading<number> {
  const { readings, interlock, setpoint, load, machine } = sources;
  if (readings.can("powerW")) return measured(sources, "powerW");
  // While it is being moved, what was read last is near enough for an estimate.
  const last = setpoint.is === "changing" ? readings.latest("setpointMv")?.value : undefined;
  const railMv = setpoint.is === "verified" ? setpoint.railMv : last;
  if (!interlock.isOn) return { value: 0, ageS: 0, evidence: "estimated" };
  if (railMv === undefined || load === undefined) return NOTHING;
  const powerW = estimatePowerW(machine, { ...load, railMv });
  return powerW === undefined ? NOTHING : { value: powerW, ageS: 0, evidence: "estimated" };
}
