import type { Sensor } from "../../boards/schema/hashboard.js";
import type { BoardController } from "../../drivers/board-controller.js";
import type { Clock } from "../../lib/clock.js";
import { findingOf, type Finding } from "../../lib/finding.js";
import type { FittedSensor } from "./fitted-machine.js";
import type { MachineBuses, MachineParts } from "./parts.js";

/** Readings of a sensor before it counts as silent or lying; drivers try once. */
const TRIES = 3;
const PAUSE_MS = 50;

export interface OpenSensorsOptions {
  readonly specs: readonly Sensor[];
  readonly buses: MachineBuses;
  readonly parts: MachineParts;
  readonly slot: number;
  /** Of the slot, when it answered. */
  readonly controller: BoardController | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface OpenedSensor {
  readonly sensor?: FittedSensor;
  /** Why it gave no temperature. */
  readonly trouble?: Finding;
}

/** Opens and reads those sensors of a slot that can be reached now: behind a controller that answers, behind no chip. */
export async function openSensors(options: OpenSensorsOptions): Promise<readonly OpenedSensor[]> {
  const { specs, controller } = options;
  const within = specs.filter(({ at }) => at.bus !== "controller" || controller !== undefined);
  const opened = await Promise.all(within.map((spec) => openSensor(options, spec)));
  return opened.filter((each) => each !== undefined);
}

/** Why a sensor gave no temperature: it lies, or it is silent, whatever the bus calls that. */
export function sensorTrouble(error: unknown, slot: number, place: string): Finding {
  const { code, context } = findingOf(error, { slot, place }, "SENSOR_SILENT");
  if (code === "SENSOR_IMPLAUSIBLE") return { code, context };
  return { code: "SENSOR_SILENT", context: { ...context, cause: code } };
}

async function openSensor(
  { buses, parts, slot, controller, clock, signal }: OpenSensorsOptions,
  spec: Sensor,
): Promise<OpenedSensor | undefined> {
  const { place } = spec;
  const found: { sensor?: FittedSensor } = {};
  for (let attempt = 1; ; attempt += 1) {
    try {
      const sensor = found.sensor?.sensor ?? parts.openSensor(spec, buses, slot, controller);
      if (sensor === undefined) return undefined;
      found.sensor = { sensor, place, isDie: spec.remoteDiode === true };
      await sensor.readTempC();
      return found;
    } catch (error) {
      signal.throwIfAborted();
      if (attempt >= TRIES) return { ...found, trouble: sensorTrouble(error, slot, place) };
      await clock.sleep(PAUSE_MS, signal);
    }
  }
}
