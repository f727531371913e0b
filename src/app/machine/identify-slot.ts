import type { MachineSpec } from "../../boards/machine-spec.js";
import type { Sensor } from "../../boards/schema/hashboard.js";
import type { BoardController } from "../../drivers/board-controller.js";
import type { EepromContent } from "../../drivers/hashboard-eeprom.js";
import type { Level } from "../../hal/gpio.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError } from "../../lib/errors.js";
import { findingOf, type Finding } from "../../lib/finding.js";
import { eepromWarning, plugContradiction, wrongBoard } from "./cross-checks.js";
import {
  isolated,
  type FittedSensor,
  type FittedSlot,
  type SlotVerdict,
} from "./fitted-machine.js";
import type { FoundController, MachineBuses, MachineParts } from "./parts.js";

/** Of everything that is asked for here; a part that needs longer waits has them in its driver. */
const TRIES = 3;
const PAUSE_MS = 50;

export interface IdentifySlotOptions {
  readonly machine: MachineSpec;
  readonly buses: MachineBuses;
  readonly parts: MachineParts;
  readonly slot: number;
  readonly plug: Level | undefined;
  /** False on a machine that may be running: to start a controller resets it. */
  readonly mayStart: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What is behind one slot: memory, controller, sensors. Reads only, apart from starting the board's controller. */
export async function identifySlot(options: IdentifySlotOptions): Promise<FittedSlot> {
  const { machine, slot, plug } = options;
  const [eeprom, controller] = await Promise.all([readEeprom(options), findController(options)]);
  const sensors = await openSensors(options, controller.found?.controller);
  const answering = [
    ...(eeprom.content === undefined ? [] : ["eeprom"]),
    ...(controller.found === undefined ? [] : ["controller"]),
    ...(sensors.answered > 0 ? ["sensors"] : []),
  ];
  const contradiction = plugContradiction(slot, plug, answering);
  const found = {
    slot,
    plug,
    eeprom: eeprom.content,
    controller: controller.found?.controller,
    controllerVersion: controller.found?.version,
    sensors: sensors.fitted,
  };
  if (answering.length === 0) {
    const missing: Finding = { code: "BOARD_MISSING", context: { slot, plug: plug ?? null } };
    return { ...found, verdict: isolated(missing), warnings: defined([contradiction]) };
  }
  const trouble =
    wrongBoard(machine, slot, eeprom.content) ?? controller.trouble ?? sensors.trouble;
  const verdict: SlotVerdict = trouble === undefined ? { is: "usable" } : isolated(trouble);
  return { ...found, verdict, warnings: defined([contradiction, eeprom.warning]) };
}

async function readEeprom({
  machine,
  buses,
  parts,
  slot,
  signal,
}: IdentifySlotOptions): Promise<{ content?: EepromContent; warning?: Finding | undefined }> {
  const { eeprom } = machine.hashboard;
  const { boards } = buses;
  if (eeprom === undefined || boards === undefined) return {};
  const address = eeprom.address + slot;
  try {
    // One try: the driver repeats what is worth it.
    const content = await parts.readEeprom(boards, address);
    return { content, warning: eepromWarning(slot, content) };
  } catch (error) {
    signal.throwIfAborted();
    const { code, context } = findingOf(error, { slot });
    if (code === "EEPROM_UNKNOWN") return { warning: { code, context } };
    return { warning: { code: "EEPROM_SILENT", context: { ...context, cause: code } } };
  }
}

async function findController({
  machine,
  buses,
  parts,
  slot,
  mayStart,
  signal,
}: IdentifySlotOptions): Promise<{ found?: FoundController | undefined; trouble?: Finding }> {
  try {
    // One try: the driver has the waits and tries of this part.
    return { found: await parts.findController(machine, buses, slot, mayStart) };
  } catch (error) {
    signal.throwIfAborted();
    return { trouble: findingOf(error, { slot }, "CONTROLLER_NO_ANSWER") };
  }
}

interface OpenedSensors {
  readonly fitted: readonly FittedSensor[];
  /** How many gave a temperature. */
  readonly answered: number;
  readonly trouble: Finding | undefined;
}

async function openSensors(
  options: IdentifySlotOptions,
  controller: BoardController | undefined,
): Promise<OpenedSensors> {
  const { machine, slot } = options;
  const specs = machine.hashboard.sensors ?? [];
  const opened = await Promise.all(specs.map((spec) => openSensor(options, spec, controller)));
  const fitted = defined(opened.map(({ sensor }) => sensor));
  const [trouble] = defined(opened.map((each) => each.trouble));
  const none: Finding = { code: "SENSOR_SILENT", context: { slot, sensors: 0 } };
  return {
    fitted,
    answered: opened.filter((each) => each.sensor !== undefined && each.trouble === undefined)
      .length,
    trouble: trouble ?? (fitted.length === 0 ? none : undefined),
  };
}

/** Opens a sensor and reads it once. One behind a controller that does not answer cannot be opened, nor be missed. */
async function openSensor(
  { buses, parts, slot, ...waiting }: IdentifySlotOptions,
  spec: Sensor,
  controller: BoardController | undefined,
): Promise<{ sensor?: FittedSensor; trouble?: Finding }> {
  if (spec.at.bus === "controller" && controller === undefined) return {};
  const { place } = spec;
  try {
    const sensor = await parts.openSensor(spec, buses, slot, controller);
    if (sensor === undefined) return {};
    const fitted = { sensor, place, isDie: spec.remoteDiode === true };
    try {
      await tried(waiting, () => sensor.readTempC());
      return { sensor: fitted };
    } catch (error) {
      waiting.signal.throwIfAborted();
      return { sensor: fitted, trouble: sensorTrouble(error, slot, place) };
    }
  } catch (error) {
    waiting.signal.throwIfAborted();
    return { trouble: sensorTrouble(error, slot, place) };
  }
}

/** Why a sensor gave no temperature: it lies, or it is silent, whatever the bus calls that. */
export function sensorTrouble(error: unknown, slot: number, place: string): Finding {
  const { code, context } = findingOf(error, { slot, place }, "SENSOR_SILENT");
  if (code === "SENSOR_IMPLAUSIBLE") return { code, context };
  return { code: "SENSOR_SILENT", context: { ...context, cause: code } };
}

async function tried<Result>(
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  action: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      if (attempt >= TRIES || isMinerError(error, "I2C_UNAVAILABLE")) throw error;
      await clock.sleep(PAUSE_MS, signal);
    }
  }
}

function defined<Value>(values: readonly (Value | undefined)[]): Value[] {
  return values.filter((value) => value !== undefined);
}
