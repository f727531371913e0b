import type { ControlBoard, MachineSpec } from "../../boards/machine-spec.js";
import { ALIVE_RPM } from "../../cooling/fan-bank.js";
import { MinerError } from "../../lib/errors.js";
import type { RailLimits } from "../../safety/rail-facts.js";
import { CONTROL_BOARD_CUT_C } from "../../safety/rules/controller.js";
import { SENSOR_MAX_AGE_S } from "../../safety/rules/sensors.js";
import { REGULATOR_CUT_C, SUPPLY_CUT_C } from "../../safety/rules/supply.js";
import { stricter, type OwnLimits } from "./own-limits.js";

/** What must be known of machine and control board before anything of them is powered. */
export interface DrivenFacts {
  readonly limits: RailLimits;
  /** What opens the output of the supply. */
  readonly switchedBy: "line" | "regulator";
}

/**
 * What power needs of the data, for a pair that `assertDrivable` let pass.
 * @throws MACHINE_NOT_DRIVEN, BOARD_NOT_DRIVEN with what is missing
 */
export function drivenFacts(
  machine: MachineSpec,
  board: ControlBoard,
  own: OwnLimits = {},
): DrivenFacts {
  const { railMv, fans, hashboard, limits } = machine;
  if (railMv?.min === undefined || railMv.max === undefined)
    throw new MinerError("MACHINE_NOT_DRIVEN", { machine: machine.name, missing: "railMv" });
  if (fans === undefined)
    throw new MinerError("MACHINE_NOT_DRIVEN", { machine: machine.name, missing: "fans" });
  const hasRegulator = hashboard.regulator !== undefined;
  if (!hasRegulator && board.psuEnable === undefined)
    throw new MinerError("BOARD_NOT_DRIVEN", { controlBoard: board.name, missing: "psuEnable" });
  return {
    limits: stricter(
      {
        boardCutC: limits.boardC.cut,
        chipCutC: limits.chipC?.cut,
        supplyCutC: hasRegulator ? REGULATOR_CUT_C : SUPPLY_CUT_C,
        controlBoardCutC: CONTROL_BOARD_CUT_C,
        minMv: railMv.min,
        maxMv: railMv.max,
        minRpm: fans.minRpm ?? ALIVE_RPM,
        sensorMaxAgeS: SENSOR_MAX_AGE_S,
        maxPowerW: undefined,
      },
      own,
    ),
    switchedBy: hasRegulator ? "regulator" : "line",
  };
}
