import type { ControlBoard, MachineSpec } from "../../boards/machine-spec.js";
import { ALIVE_RPM } from "../../cooling/fan-bank.js";
import { MinerError } from "../../lib/errors.js";
import type { RailLimits } from "../../safety/rail-facts.js";

/** What must be known of machine and control board before anything of them is powered. */
export interface DrivenFacts {
  readonly limits: RailLimits;
  readonly neededFans: number;
  /** What opens the output of the supply. */
  readonly switchedBy: "line" | "regulator";
}

/**
 * Looks whether everything is known that power needs.
 * @throws MACHINE_NOT_DRIVEN, BOARD_NOT_DRIVEN with what is missing
 */
export function drivenFacts(machine: MachineSpec, board: ControlBoard): DrivenFacts {
  const { railMv, fans, hashboard, limits, supplies } = machine;
  const missingOfMachine = (missing: string): MinerError =>
    new MinerError("MACHINE_NOT_DRIVEN", { machine: machine.name, missing });
  const missingOfBoard = (missing: string): MinerError =>
    new MinerError("BOARD_NOT_DRIVEN", { controlBoard: board.name, missing });
  if (railMv?.min === undefined || railMv.max === undefined)
    throw missingOfMachine("railMv.min and railMv.max");
  if (fans === undefined) throw missingOfMachine("fans");
  if (supplies.length === 0) throw missingOfMachine("supplies");
  if ((hashboard.sensors ?? []).every(({ at }) => at.bus === "chip"))
    throw missingOfMachine("sensors that can be read before the chips run");
  if (board.buses?.boards === undefined) throw missingOfBoard("bus of the hashboards");
  const hasRegulator = hashboard.regulator !== undefined;
  if (!hasRegulator && board.psuEnable === undefined)
    throw missingOfBoard("enable line of the supply");
  if (fans.count > 0 && hashboard.fanController === undefined && board.fanGroups === undefined)
    throw missingOfBoard("fans");
  return {
    limits: {
      boardCutC: limits.boardC.cut,
      chipCutC: limits.chipC?.cut,
      minMv: railMv.min,
      maxMv: railMv.max,
      minRpm: fans.minRpm ?? ALIVE_RPM,
    },
    neededFans: fans.count,
    switchedBy: hasRegulator ? "regulator" : "line",
  };
}
