import { defaultBoardsDir, fileNames, readBoardFile } from "./files.js";
import { drivenMachine, type DrivenMachine, type MachineSpec } from "./machine-spec.js";

/** Names of the machines in a boards/ folder, sorted. */
export function listMachines(dir: string = defaultBoardsDir()): string[] {
  return fileNames(dir, "machines");
}

/**
 * A machine with its hashboard and the control boards it can hang on.
 * @throws BOARDS_UNKNOWN, BOARDS_INVALID
 */
export function loadMachine(name: string, dir: string = defaultBoardsDir()): MachineSpec {
  const machine = readBoardFile(dir, "machines", name);
  const hashboard = readBoardFile(dir, "hashboards", machine.hashboard);
  return {
    name,
    title: machine.title,
    chip: hashboard.chip.model,
    chains: machine.hashboards,
    bringUp: machine.bringUp,
    hashboard: { name: machine.hashboard, ...hashboard },
    freqMHz: machine.freqMHz,
    railMv: machine.railMv,
    rated: machine.rated,
    fans: machine.fans,
    cooling: machine.cooling,
    resetTogether: machine.resetTogether !== undefined,
    limits: machine.limits,
    controlBoards: machine.controlBoards.map((board) => ({
      name: board,
      ...readBoardFile(dir, "control-boards", board),
    })),
    supplies: (machine.supplies?.names ?? []).map((supply) => ({
      name: supply,
      ...readBoardFile(dir, "power-supplies", supply),
    })),
  };
}

/**
 * A machine whose chips this program can drive.
 * @throws BOARDS_UNKNOWN, BOARDS_INVALID, MACHINE_NOT_DRIVEN
 */
export function loadDrivenMachine(name: string, dir?: string): DrivenMachine {
  return drivenMachine(loadMachine(name, dir));
}
