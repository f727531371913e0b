import { MQTT_COMMANDS, type MqttConfig } from "../app/mqtt-config.js";
import { loadDrivenMachine } from "../boards/load-machine.js";
import { machineHashrateThs, type DrivenMachine } from "../boards/machine-spec.js";
import { MinerError } from "../lib/errors.js";
import { programVersion } from "../lib/version.js";
import type { LightSpec } from "../virtual/fleet/light-spec.js";
import { mqttOf, type BrokerFlags } from "./fleet-broker.js";
import type { JsonOption } from "./output.js";

/** What the light machine can do. */
const LIGHT_COMMANDS = MQTT_COMMANDS.filter(
  (name) => name.startsWith("mining.") || name === "tele.chips",
);
/** Where the machine's file has none: as in the virtual machine. */
const USUAL_FULL_RPM = 6600;
const USUAL_FANS = 4;
const USUAL_J_PER_TH = 30;

export interface FleetFlags extends JsonOption, BrokerFlags {
  readonly miners: number;
  readonly first: number;
  readonly perS: number;
  readonly group: readonly string[];
  readonly period?: number;
  readonly keepAlive?: number;
  readonly machine: string;
  readonly confirm: number;
  readonly processes?: number;
}

/** Everything that a process of the fleet needs. */
export interface FleetPlan {
  readonly mqtt: MqttConfig;
  readonly spec: LightSpec;
  readonly miners: number;
  readonly first: number;
  readonly perS: number;
}

/** @throws USAGE, MACHINE_UNKNOWN and the like */
export function planOf(flags: FleetFlags): FleetPlan {
  const { miners, first, perS, group, period, keepAlive } = flags;
  if (miners < 1 || perS < 1)
    throw new MinerError("USAGE", { field: miners < 1 ? "miners" : "perS", expected: "1 or more" });
  const mqtt = mqttOf(flags, {
    ...{ groups: group, commands: LIGHT_COMMANDS },
    ...(period !== undefined && { periodS: period }),
    ...(keepAlive !== undefined && { keepAliveS: keepAlive }),
  });
  const machine = loadDrivenMachine(flags.machine);
  const confirmMs = flags.confirm === 0 ? null : flags.confirm;
  return { mqtt, miners, first, perS, spec: lightSpec(machine, confirmMs) };
}

function lightSpec(machine: DrivenMachine, confirmMs: number | null): LightSpec {
  const { name, chains, hashboard, chip, freqMHz, railMv, rated, fans, supplies } = machine;
  const hashrateThs = machineHashrateThs(machine, freqMHz.nominal);
  return {
    ...{ machine: name, version: programVersion(), chains, chips: hashboard.chain.chips },
    ...{ chipMarking: chip, freqMHz: freqMHz.nominal, railMv: railMv?.running ?? null },
    ...{ hashrateThs, powerW: rated.powerW ?? hashrateThs * USUAL_J_PER_TH },
    ...{ supply: supplies[0]?.name ?? "none", confirmMs },
    fans: { count: fans?.count ?? USUAL_FANS, fullRpm: fans?.maxRpm ?? USUAL_FULL_RPM },
  };
}
