import type { MachineSpec } from "../../boards/machine-spec.js";
import type { EepromContent } from "../../drivers/hashboard-eeprom.js";
import type { Level } from "../../hal/gpio.js";
import type { Clock } from "../../lib/clock.js";
import type { ErrorCode } from "../../lib/errors.js";
import { findingOf, type Finding } from "../../lib/finding.js";
import { eepromWarning, plugContradiction, wrongBoard } from "./cross-checks.js";
import { isolated, type FittedSlot, type SlotVerdict } from "./fitted-machine.js";
import { openSensors } from "./open-sensors.js";
import type { FoundController, MachineBuses, MachineParts } from "./parts.js";

/** Troubles of parts that are there: they answered, and something else than they should. */
const ANSWERS: readonly ErrorCode[] = [
  ...(["SENSOR_IMPLAUSIBLE", "EEPROM_UNKNOWN"] as const),
  ...(["CONTROLLER_BAD_ANSWER", "CONTROLLER_IN_LOADER"] as const),
];

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
  const specs = machine.hashboard.sensors ?? [];
  const sensors = await openSensors({
    ...options,
    ...{ specs, controller: controller.found?.controller },
  });
  const answering = [
    ...(eeprom.content !== undefined || isAnswer(eeprom.warning) ? ["eeprom"] : []),
    ...(controller.found !== undefined || isAnswer(controller.trouble) ? ["controller"] : []),
    ...(sensors.some(({ trouble }) => trouble === undefined || isAnswer(trouble))
      ? ["sensors"]
      : []),
  ];
  const troubles = [eeprom.warning, controller.trouble, ...sensors.map((each) => each.trouble)];
  const stuck = answering.length === 0 ? stuckBus(slot, defined(troubles)) : undefined;
  const contradiction = stuck === undefined ? plugContradiction(slot, plug, answering) : undefined;
  const found = {
    slot,
    plug,
    eeprom: eeprom.content,
    controller: controller.found?.controller,
    controllerVersion: controller.found?.version,
    sensors: defined(sensors.map(({ sensor }) => sensor)),
  };
  if (answering.length === 0) {
    const missing: Finding = { code: "BOARD_MISSING", context: { slot, plug: plug ?? null } };
    const verdict = isolated(stuck ?? missing);
    // Nobody goes on asking sensors of a board that is not there.
    return { ...found, sensors: [], verdict, warnings: defined([contradiction]) };
  }
  const trouble =
    wrongBoard(machine, slot, eeprom.content) ??
    controller.trouble ??
    sensors.find((sensor) => sensor.trouble !== undefined)?.trouble ??
    unmeasured(machine, slot, sensors.length);
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

function isAnswer(trouble: Finding | undefined): boolean {
  return trouble !== undefined && ANSWERS.includes(trouble.code);
}

/** Silence of a whole bus says nothing about the board. */
function stuckBus(slot: number, troubles: readonly Finding[]): Finding | undefined {
  const isStuck = troubles.some(
    ({ code, context }) => code === "I2C_BUS_STUCK" || context["cause"] === "I2C_BUS_STUCK",
  );
  return isStuck ? { code: "I2C_BUS_STUCK", context: { slot } } : undefined;
}

/** Nothing is powered whose temperature nobody knows. */
function unmeasured(
  { hashboard }: Pick<MachineSpec, "hashboard">,
  slot: number,
  sensors: number,
): Finding | undefined {
  if (sensors > 0) return undefined;
  const isBehind = hashboard.sensors?.some(({ at }) => at.bus === "controller") ?? false;
  return { code: isBehind ? "CONTROLLER_NO_ANSWER" : "SENSOR_SILENT", context: { slot, sensors } };
}

function defined<Value>(values: readonly (Value | undefined)[]): Value[] {
  return values.filter((value) => value !== undefined);
}
