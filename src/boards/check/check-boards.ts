import { readFileSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import {
  defaultBoardsDir,
  fileNames,
  filePath,
  parseBoardText,
  type BoardFault,
} from "../files.js";
import {
  FILE_KINDS,
  type ControlBoardFile,
  type FileKind,
  type HashboardFile,
  type MachineFile,
  type PowerSupplyFile,
} from "../schema/index.js";
import { checkControlBoard } from "./check-control-board.js";
import { checkHashboard } from "./check-hashboard.js";
import { checkMachine } from "./check-machine.js";
import { checkPowerSupply } from "./check-power-supply.js";
import { Report } from "./report.js";

export interface BoardsReport {
  readonly files: number;
  readonly faults: readonly BoardFault[];
}

/**
 * Proves what can be proven of the hardware data: schema, references, units and limits, no line and no bus address
 * used twice, rails that the supplies can make, sums consistent. With a file (inside a folder named for its kind) only
 * that file and what it refers to.
 */
export function checkBoards(dir: string = defaultBoardsDir(), file?: string): BoardsReport {
  if (file !== undefined) return { files: 1, faults: checkFile(dir, file) };
  const files = (Object.keys(FILE_KINDS) as FileKind[]).flatMap((kind) =>
    fileNames(dir, kind).map((name) => filePath(dir, kind, name)),
  );
  return { files: files.length, faults: files.flatMap((path) => checkFile(dir, path)) };
}

function checkFile(dir: string, file: string): readonly BoardFault[] {
  const report = new Report(file);
  const kind = kindOf(file);
  const text = readText(file);
  if (kind === undefined)
    report.add("", basename(dirname(file)), `a folder named ${Object.keys(FILE_KINDS).join(", ")}`);
  else if (text === undefined) report.add("", "nothing", "a file that can be read");
  else {
    const { value, faults } = parseBoardText(text, kind, file);
    if (faults.length > 0) return faults;
    checkValue(dir, kind, basename(file, extname(file)), value, report);
  }
  return report.faults;
}

function checkValue(
  dir: string,
  kind: FileKind,
  name: string,
  value: unknown,
  report: Report,
): void {
  switch (kind) {
    case "machines":
      checkMachine(dir, name, value as MachineFile, report);
      return;
    case "hashboards":
      checkHashboard(value as HashboardFile, report);
      return;
    case "control-boards":
      checkControlBoard(value as ControlBoardFile, report);
      return;
    case "power-supplies":
      checkPowerSupply(dir, name, value as PowerSupplyFile, report);
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Why it cannot be read is for the operator to see with ls; that it cannot be is the fault to report.
    return undefined;
  }
}

function kindOf(file: string): FileKind | undefined {
  const folder = basename(dirname(file));
  return (Object.keys(FILE_KINDS) as FileKind[]).find((kind) => kind === folder);
}
