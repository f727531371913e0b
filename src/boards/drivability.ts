import type { ControlBoard, MachineSpec } from "./machine-spec.js";
import {
  ALLOWABLE_NAMES,
  inferredNames,
  obstacles,
  type AllowableValue,
  type Obstacle,
} from "./obstacles.js";

/** Whether a control board drives a machine, and if not, why. */
export interface Drivability {
  readonly controlBoard: string;
  readonly title: string;
  /** `asks`: once the owner allows the inferred values; `refuses`: whatever the owner allows. */
  readonly state: "drives" | "asks" | "refuses";
  /** What the owner would write into the configuration. */
  readonly allowInferred: readonly AllowableValue[];
  readonly obstacles: readonly Obstacle[];
  /**
   * Who says which slot hangs on which tty: the board's file, the hardware where that is disputed, or the owner where
   * the hardware cannot be asked, as its boards answer only together.
   */
  readonly chainOrder: "data" | "hardware" | "owner";
}

/** One for each control board that the machine can hang on. */
export function drivability(machine: MachineSpec): Drivability[] {
  return machine.controlBoards.map((board) => {
    const found = obstacles(machine, board);
    const isRefused = obstacles(machine, board, ALLOWABLE_NAMES).length > 0;
    return {
      controlBoard: board.name,
      title: board.title,
      state: found.length === 0 ? "drives" : isRefused ? "refuses" : "asks",
      allowInferred: inferredNames(machine, board),
      obstacles: found,
      chainOrder: chainOrderOf(machine, board),
    };
  });
}

function chainOrderOf(
  { resetTogether }: MachineSpec,
  { chainFacts }: ControlBoard,
): Drivability["chainOrder"] {
  if (chainFacts.orderDisputed !== true) return "data";
  return resetTogether ? "owner" : "hardware";
}
