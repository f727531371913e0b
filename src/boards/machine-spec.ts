import { MinerError } from "../lib/errors.js";
import { DRIVEN_CHIPS, type BringUpName, type ChipName, type DrivenChip } from "./names.js";
import type {
  ControlBoardFile,
  HashboardFile,
  MachineFile,
  PowerSupplyFile,
} from "./schema/index.js";

/** A hashboard file with the name it is referred to by. */
export type Hashboard = HashboardFile & { readonly name: string };
/** A control board file with the name it is referred to by. */
export type ControlBoard = ControlBoardFile & { readonly name: string };
/** A power supply file with the name it is referred to by. */
export type PowerSupplySpec = PowerSupplyFile & { readonly name: string };

/** Hashboards that a control board can carry. */
export function slotCount(board: ControlBoardFile): number {
  return board.chains.length > 0 ? board.chains.length : (board.fpga?.chains.length ?? 0);
}

/** Whether the virtual machine serves the board's devices, and no kernel does. */
export function isServedVirtually({
  virtual,
  devices,
}: Pick<ControlBoardFile, "virtual" | "devices">): boolean {
  return virtual && devices !== "kernel";
}

/** A machine with everything its file refers to. */
export interface MachineSpec {
  readonly name: string;
  readonly title: string;
  readonly chip: ChipName;
  /** Hashboards, each with a chain of its own. */
  readonly chains: number;
  readonly bringUp: BringUpName | undefined;
  readonly hashboard: Hashboard;
  readonly freqMHz: MachineFile["freqMHz"];
  readonly railMv: MachineFile["railMv"];
  readonly rated: MachineFile["rated"];
  readonly fans: MachineFile["fans"];
  readonly cooling: MachineFile["cooling"];
  readonly resetTogether: boolean;
  readonly limits: MachineFile["limits"];
  readonly controlBoards: readonly ControlBoard[];
  /** In the order of the file; empty where none is known. */
  readonly supplies: readonly PowerSupplySpec[];
}

/** A machine whose chips this program can drive. */
export interface DrivenMachine extends MachineSpec {
  readonly chip: DrivenChip;
  readonly bringUp: BringUpName;
  readonly freqMHz: NonNullable<MachineFile["freqMHz"]>;
}

/** @throws MACHINE_NOT_DRIVEN with what is missing */
export function drivenMachine(machine: MachineSpec): DrivenMachine {
  const { name, bringUp, freqMHz } = machine;
  const chip = DRIVEN_CHIPS.find((driven) => driven === machine.chip);
  if (chip === undefined || bringUp === undefined)
    throw new MinerError("MACHINE_NOT_DRIVEN", {
      machine: name,
      missing: `driver for ${machine.chip}`,
    });
  if (freqMHz === undefined)
    throw new MinerError("MACHINE_NOT_DRIVEN", { machine: name, missing: "freqMHz" });
  return { ...machine, chip, bringUp, freqMHz };
}

/** The hash rate of all chains at a clock, TH/s: chips x hash units x clock. */
export function machineHashrateThs(machine: MachineSpec, freqMHz: number): number {
  const { chip, chain } = machine.hashboard;
  return (machine.chains * chain.chips * chip.hashUnits * freqMHz) / 1e6;
}
