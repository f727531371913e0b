import type { BringUpName, ChipName } from "./names.js";
import type { ControlBoardFile, HashboardFile, MachineFile } from "./schema.js";

/** A hashboard file with the name it is referred to by. */
export type Hashboard = HashboardFile & { readonly name: string };
/** A control board file with the name it is referred to by. */
export type ControlBoard = ControlBoardFile & { readonly name: string };

/** A machine with everything its file refers to. */
export interface MachineSpec {
  readonly name: string;
  readonly title: string;
  readonly chip: ChipName;
  /** Hashboards, each with a chain of its own. */
  readonly chains: number;
  readonly bringUp: BringUpName;
  readonly hashboard: Hashboard;
  readonly freqMHz: MachineFile["freqMHz"];
  readonly railMv: MachineFile["railMv"];
  readonly rated: MachineFile["rated"];
  readonly limits: MachineFile["limits"];
  readonly controlBoards: readonly ControlBoard[];
}

/** The hash rate of all chains at a clock, TH/s: chips x hash units x clock. */
export function machineHashrateThs(machine: MachineSpec, freqMHz: number): number {
  const { chip, chain } = machine.hashboard;
  return (machine.chains * chain.chips * chip.hashUnits * freqMHz) / 1e6;
}
