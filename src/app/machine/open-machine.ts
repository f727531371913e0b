import type { ControlBoard, MachineSpec } from "../../boards/machine-spec.js";
import { coolingPlan, type CoolingPlan } from "../../cooling/cooling-plan.js";
import type { CoolingWitness } from "../../cooling/cooling-witness.js";
import type { PowerSupply } from "../../drivers/power-supply.js";
import type { GpioOutput } from "../../hal/gpio.js";
import type { Hardware, NativeLine } from "../../hal/hardware.js";
import type { OffAction } from "../../hal/off-action.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { findingOf, findingText } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { Guard } from "../../safety/guard.js";
import type { LookWitness } from "../../safety/look-witness.js";
import type { RailLimits } from "../../safety/rail-facts.js";
import { RailInterlock } from "../../safety/rail-interlock.js";
import { lineSwitch, regulatorSwitch, type RailSwitch } from "../../safety/rail-switch.js";
import type { TripLog } from "../../safety/trip.js";
import { WatchdogGuard } from "../../safety/watchdog-guard.js";
import { ControlBoardWatch } from "./control-board-watch.js";
import { drivenFacts } from "./driven-facts.js";
import { drivenParts } from "./driven-parts.js";
import { MachineHardware } from "./machine-hardware.js";
import { offActions } from "./off-actions.js";
import { openFans } from "./open-fans.js";
import type { OwnLimits } from "./own-limits.js";
import type { MachineBuses, MachineParts } from "./parts.js";
import { PermitFacts } from "./permit-facts.js";

/** Full: nothing is known of any temperature yet. */
const FULL_DUTY_PCT = 100;
/** Where the data say nothing. Inferred: what another firmware uses on the A113D. */
const WATCHDOG_S = 30;

export interface OpenMachineOptions {
  readonly machine: MachineSpec;
  readonly board: ControlBoard;
  readonly deviceDir: string;
  /** With a hashboard, as configured. */
  readonly slots: readonly number[];
  /** `cold`: chains in reset and supply off first of all. `takeOver`: left as they are until `takeOver` judges them. */
  readonly mode: "cold" | "takeOver";
  /** Those that there are drivers for, when left out. */
  readonly parts?: MachineParts;
  /** What the owner wants to be stricter than the machine's data. */
  readonly ownLimits?: OwnLimits | undefined;
  /** Remembers what cut the power. */
  readonly trips?: TripLog | undefined;
  /** Undefined when nobody can say. */
  readonly isDiskFull?: () => boolean | undefined;
  /** What the machine's data say, when left out. */
  readonly cooling?: CoolingPlan;
  /** Hear of every decision. */
  readonly witness?: DecisionWitness | undefined;
  /** Starts what cuts power without JavaScript, given what switches off; left out, nothing does. */
  readonly openGuard?: ((actions: readonly OffAction[]) => Promise<Guard>) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/** Where decisions are heard of. */
export interface DecisionWitness {
  safety(limits: RailLimits): LookWitness;
  cooling(): CoolingWitness;
  /** What comes of the looks is told there. */
  hear(events: RailInterlock["events"]): void;
}

/**
 * Opens everything of the machine that is not a chain, in the order that keeps it safe: chains in reset, supply off,
 * fans at full duty, then the buses.
 * @throws MACHINE_NOT_DRIVEN, BOARD_NOT_DRIVEN, HARDWARE_MISSING when this is not the control board that it is said to
 *   be; GPIO_UNAVAILABLE, PWM_UNAVAILABLE, I2C_UNAVAILABLE, GUARD_UNAVAILABLE; for a regulator what probing it throws
 */
export async function openMachine(options: OpenMachineOptions): Promise<MachineHardware> {
  const { machine, board, deviceDir, slots, clock, log } = options;
  const parts = options.parts ?? drivenParts(clock, log);
  const facts = drivenFacts(machine, board, options.ownLimits);
  const hardware = await parts.openHardware(board, deviceDir);
  try {
    await assertControlBoard(board, hardware);
    const resetLines = await openResetLines(options, hardware);
    const enable = facts.switchedBy === "line" ? await openEnable(options, hardware) : undefined;
    const buses = await openBuses(board, hardware);
    const cooling = options.cooling ?? coolingPlan(machine, {});
    const wishes = { machine, board, facts, cooling, hardware, buses, parts, clock, log };
    const fans = await openFans(wishes);
    await fans.setAll(FULL_DUTY_PCT).catch((error: unknown) => {
      // Not proven then, so that nothing is powered.
      log.error({ error: findingText(findingOf(error)) }, "fans not set");
    });
    const supply =
      enable === undefined ? await parts.probeSupply(machine, buses, options.signal) : undefined;
    const output = enable?.output ?? regulatorOf(supply);
    const native = await options.openGuard?.(
      offActions({ board, hardware, enable: enable?.line.native, supply, resetLines }),
    );
    const watched = native && (await withWatchdog(native, options, hardware));
    const guard = watched ?? native;
    const permitFacts = new PermitFacts(fans, clock);
    if (options.isDiskFull !== undefined) permitFacts.isDiskFull = options.isDiskFull;
    const controlBoard = await ControlBoardWatch.open(hardware, clock);
    permitFacts.controlBoard = () => controlBoard?.fact();
    const interlock = await RailInterlock.open(
      {
        ...{ switch: output, guard, limits: facts.limits, facts: () => permitFacts.now() },
        ...{ trips: options.trips, witness: options.witness?.safety(facts.limits), clock, log },
      },
      options.mode === "takeOver" ? "takeOver" : "off",
    );
    options.witness?.hear(interlock.events);
    const opened = new MachineHardware({
      ...{ machine, board, slots, facts, hardware, resetLines, buses, fans, cooling, supply },
      coolingWitness: options.witness?.cooling(),
      ...{ interlock, controlBoard, watchdog: watched, permitFacts, parts, clock, log },
    });
    opened.cooling.start();
    controlBoard?.start();
    return opened;
  } catch (error) {
    await hardware.close();
    throw error;
  }
}

/** The pins of one control board are other things on another one, so that nothing is touched on a wrong one. */
async function assertControlBoard(board: ControlBoard, hardware: Hardware): Promise<void> {
  if (board.deviceTree === undefined) return;
  const model = await hardware.deviceTreeModel();
  const { models } = board.deviceTree;
  if (model !== undefined && models.some((part) => model.includes(part))) return;
  throw new MinerError("HARDWARE_MISSING", {
    controlBoard: board.name,
    deviceTree: model ?? null,
    expected: models.join(" or "),
  });
}

/** Undefined where the board has no watchdog, or none that can be opened: companion and guard do not need it. */
async function withWatchdog(
  guard: Guard,
  { board, clock, log }: OpenMachineOptions,
  hardware: Hardware,
): Promise<WatchdogGuard | undefined> {
  if (board.watchdog === undefined) return undefined;
  const { device, timeoutS = WATCHDOG_S } = board.watchdog;
  try {
    const watchdog = await hardware.openWatchdog(device, timeoutS);
    return new WatchdogGuard({ guard, watchdog, clock, log });
  } catch (error) {
    log.warn({ error: findingText(findingOf(error)) }, "no watchdog");
    return undefined;
  }
}

async function openResetLines(
  { board, machine, slots, mode, log }: OpenMachineOptions,
  hardware: Hardware,
): Promise<ReadonlyMap<number, NativeLine>> {
  const lines = new Map<number, NativeLine>();
  const all = new Set([...slots, ...Array.from({ length: machine.chains }, (_, slot) => slot)]);
  for (const slot of all) {
    const reset = board.chains[slot]?.reset;
    if (reset === undefined) continue;
    try {
      lines.set(slot, await hardware.openNativeOutput(reset, mode === "cold" ? 0 : "asIs"));
    } catch (error) {
      // A slot that is not used need not have a line that works.
      if (slots.includes(slot)) throw error;
      log.warn({ error: findingText(findingOf(error, { slot })) }, "reset line not opened");
    }
  }
  return lines;
}

async function openEnable(
  { board, mode }: OpenMachineOptions,
  hardware: Hardware,
): Promise<{ readonly line: GpioOutput; readonly output: RailSwitch }> {
  const { psuEnable } = board;
  if (psuEnable === undefined) throw new MinerError("BOARD_NOT_DRIVEN", { missing: "psuEnable" });
  const { line, onLevel } = psuEnable;
  const off = onLevel === 1 ? 0 : 1;
  const opened = await hardware.openOutput(line, mode === "cold" ? off : "asIs");
  return { line: opened, output: lineSwitch(opened, onLevel) };
}

async function openBuses(board: ControlBoard, hardware: Hardware): Promise<MachineBuses> {
  const { boards, psu } = board.buses ?? {};
  return {
    boards: boards && (await hardware.openI2cBus(boards)),
    psu: psu && (await hardware.openI2cBus(psu)),
  };
}

function regulatorOf(supply: PowerSupply | undefined): RailSwitch {
  const setOutput = supply?.setOutput;
  if (setOutput === undefined)
    throw new MinerError("BOARD_NOT_DRIVEN", { missing: "switch of the supply" });
  return regulatorSwitch((isOn) => setOutput(isOn));
}
