import type { ControlBoard, MachineSpec } from "../../boards/machine-spec.js";
import type { Level } from "../../hal/gpio.js";
import type { Hardware } from "../../hal/hardware.js";
import type { PowerSupply } from "../../drivers/power-supply.js";
import type { Clock } from "../../lib/clock.js";
import { findingOf, findingText } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import { clonedSerials, movedBoards, type RememberedSerials } from "./cross-checks.js";
import type { FittedMachine, FittedSlot, FittedSupply } from "./fitted-machine.js";
import { identifySlot } from "./identify-slot.js";
import type { MachineBuses, MachineParts } from "./parts.js";

export interface IdentifyOptions {
  readonly machine: MachineSpec;
  readonly board: ControlBoard;
  readonly slots: readonly number[];
  readonly hardware: Hardware;
  readonly buses: MachineBuses;
  readonly parts: MachineParts;
  /** Found already, where the interlock needed it; asked for otherwise. */
  readonly supply?: PowerSupply | undefined;
  /** False on a machine that may be running: to start a controller resets it. */
  readonly mayStart: boolean;
  readonly remembered?: RememberedSerials | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Finds out what the machine is fitted with. Supply and boards are asked at the same time, the boards as far as their
 * bus allows. Reads only; nothing is switched on, and no bus is scanned.
 * @throws the reason of the signal
 */
export async function identifyMachine(options: IdentifyOptions): Promise<FittedMachine> {
  const { slots: wanted, remembered = new Map<number, string>(), log } = options;
  const [supply, slots] = await Promise.all([
    findSupply(options),
    Promise.all(wanted.map((slot) => findSlot(options, slot))),
  ]);
  const clones = clonedSerials(slots);
  const moved = movedBoards(slots, remembered);
  const withWarnings = slots.map((slot) => {
    const more = [clones.get(slot.slot), moved.get(slot.slot)].filter((one) => one !== undefined);
    return { ...slot, warnings: [...slot.warnings, ...more] };
  });
  report(withWarnings, supply, log);
  return { slots: withWarnings, supply };
}

async function findSlot(options: IdentifyOptions, slot: number): Promise<FittedSlot> {
  const { machine, buses, parts, mayStart, clock, signal } = options;
  const plug = await readPlug(options, slot);
  return identifySlot({ machine, buses, parts, slot, plug, mayStart, clock, signal });
}

/** Undefined where the board has no such line or it cannot be read: the parts tell then. One try. */
async function readPlug(
  { board, hardware, log }: IdentifyOptions,
  slot: number,
): Promise<Level | undefined> {
  const line = board.chains[slot]?.present;
  if (line === undefined) return undefined;
  try {
    const input = await hardware.openInput(line);
    try {
      return await input.read();
    } finally {
      await input.close();
    }
  } catch (error) {
    log.warn({ slot, error: findingText(findingOf(error)) }, "plug line not read");
    return undefined;
  }
}

async function findSupply(options: IdentifyOptions): Promise<FittedSupply> {
  const { machine, buses, parts, signal } = options;
  try {
    // One try: the driver has the waits and tries of this part.
    const supply = options.supply ?? (await parts.probeSupply(machine, buses, signal));
    return fittedSupply(machine, supply);
  } catch (error) {
    signal.throwIfAborted();
    return { is: "refused", ...findingOf(error, {}, "PSU_NO_ANSWER") };
  }
}

/** A supply that this machine does not come with is refused: its range and its current are another's. */
function fittedSupply(machine: MachineSpec, supply: PowerSupply): FittedSupply {
  const { supply: name, typeCode } = supply.identity;
  const spec = machine.supplies.find((each) => each.name === name);
  if (spec !== undefined) return { is: "fitted", supply, spec };
  const expected = machine.supplies.map((each) => each.name).join(" ");
  return {
    is: "refused",
    code: "PSU_TYPE_UNEXPECTED",
    context: { supply: name, typeCode, expected },
  };
}

function report(slots: readonly FittedSlot[], supply: FittedSupply, log: Logger): void {
  for (const { slot, verdict, warnings } of slots) {
    for (const { code, context } of warnings) log.warn({ code, ...context }, "hashboard");
    if (verdict.is === "isolated")
      log.error({ code: verdict.code, ...verdict.context }, "hashboard is isolated");
    else log.info({ slot }, "hashboard is usable");
  }
  if (supply.is === "refused") log.error({ code: supply.code, ...supply.context }, "supply");
  else log.info({ ...supply.supply.identity }, "supply");
}
