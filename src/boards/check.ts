import { readFileSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import { isMinerError } from "../lib/errors.js";
import {
  defaultBoardsDir,
  faultOf,
  fileNames,
  filePath,
  parseBoardText,
  type BoardFault,
} from "./files.js";
import { loadMachine } from "./load-machine.js";
import { machineHashrateThs, slotCount, type MachineSpec } from "./machine-spec.js";
import {
  FILE_KINDS,
  type ControlBoardFile,
  type FileKind,
  type HashboardFile,
  type MachineFile,
} from "./schema/index.js";
import type { Line } from "./schema/control-board.js";

/** Chips x hash units x clock must give the rated hash rate within this share. */
const RATED_TOLERANCE = 0.02;
const ADDRESSES = 256;

export interface BoardsReport {
  readonly files: number;
  readonly faults: readonly BoardFault[];
}

/**
 * Proves what can be proven of the hardware data: schema, references, units and limits, no line used twice, sums
 * consistent. With a file (inside a folder named for its kind) only that file and what it refers to.
 */
export function checkBoards(dir: string = defaultBoardsDir(), file?: string): BoardsReport {
  if (file !== undefined) return { files: 1, faults: checkFile(dir, file) };
  const files = (Object.keys(FILE_KINDS) as FileKind[]).flatMap((kind) =>
    fileNames(dir, kind).map((name) => filePath(dir, kind, name)),
  );
  return { files: files.length, faults: files.flatMap((path) => checkFile(dir, path)) };
}

function checkFile(dir: string, file: string): BoardFault[] {
  const kind = kindOf(file);
  if (kind === undefined)
    return [
      {
        file,
        path: "",
        value: basename(dirname(file)),
        expectation: `a folder named ${Object.keys(FILE_KINDS).join(", ")}`,
      },
    ];
  const text = readText(file);
  if (text === undefined)
    return [{ file, path: "", value: "nothing", expectation: "a file that can be read" }];
  const { value, faults } = parseBoardText(text, kind, file);
  if (faults.length > 0) return faults;
  const name = basename(file, extname(file));
  const report = (path: string, found: unknown, expectation: string): BoardFault => ({
    file,
    path,
    value: String(found),
    expectation,
  });
  if (kind === "hashboards") return checkHashboard(value as HashboardFile, report);
  if (kind === "power-supplies") return [];
  if (kind === "control-boards") return checkControlBoard(value as ControlBoardFile, report);
  return [
    ...checkMachine(value as MachineFile, report),
    ...checkReferences(name, dir, value as MachineFile, report),
  ];
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Why it cannot be read is for the operator to see with ls; that it cannot be is the fault to report.
    return undefined;
  }
}

type Report = (path: string, found: unknown, expectation: string) => BoardFault;

function kindOf(file: string): FileKind | undefined {
  const folder = basename(dirname(file));
  return (Object.keys(FILE_KINDS) as FileKind[]).find((kind) => kind === folder);
}

function checkHashboard({ chip, chain }: HashboardFile, report: Report): BoardFault[] {
  const faults: BoardFault[] = [];
  if (chain.domains * chain.chipsPerDomain !== chain.chips)
    faults.push(
      report(
        "chain.chips",
        chain.chips,
        `domains x chipsPerDomain = ${chain.domains * chain.chipsPerDomain}`,
      ),
    );
  if (chain.chips * chain.addressStep > ADDRESSES)
    faults.push(
      report(
        "chain.addressStep",
        chain.addressStep,
        `at most ${Math.floor(ADDRESSES / chain.chips)}, so that ${chain.chips} addresses fit a byte`,
      ),
    );
  if (chip.hashUnits < chip.cores)
    faults.push(report("chip.hashUnits", chip.hashUnits, `at least cores = ${chip.cores}`));
  return faults;
}

function checkMachine({ freqMHz, limits, railMv }: MachineFile, report: Report): BoardFault[] {
  return [
    ...(freqMHz === undefined
      ? []
      : ordered(
          "freqMHz",
          [
            ["min", freqMHz.min],
            ["nominal", freqMHz.nominal],
            ["max", freqMHz.max],
          ],
          false,
          report,
        )),
    ...ordered(
      "limits.boardC",
      [
        ["warn", limits.boardC.warn],
        ["throttle", limits.boardC.throttle],
        ["cut", limits.boardC.cut],
      ],
      true,
      report,
    ),
    ...(railMv?.open === undefined
      ? []
      : ordered(
          "railMv",
          [
            ["running", railMv.running],
            ["open", railMv.open],
          ],
          false,
          report,
        )),
  ];
}

/** Each value must not be below the one before it (and not equal to it, when `strictly`). */
function ordered(
  path: string,
  values: readonly (readonly [string, number])[],
  strictly: boolean,
  report: Report,
): BoardFault[] {
  return values.flatMap(([name, value], index) => {
    const before = values[index - 1];
    if (before === undefined || value > before[1] || (!strictly && value === before[1])) return [];
    const relation = strictly ? "above" : "at least";
    return [report(`${path}.${name}`, value, `${relation} ${before[0]} = ${before[1]}`)];
  });
}

function checkReferences(
  name: string,
  dir: string,
  file: MachineFile,
  report: Report,
): BoardFault[] {
  let machine: MachineSpec;
  try {
    machine = loadMachine(name, dir);
  } catch (error) {
    if (isMinerError(error, "BOARDS_UNKNOWN")) {
      const { kind, name: missing, known } = error.context;
      const path = kind === "hashboards" ? "hashboard" : "controlBoards";
      return [report(path, missing, `one of ${String(known)}`)];
    }
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    return [fault];
  }
  const faults: BoardFault[] = [];
  for (const board of machine.controlBoards)
    if (slotCount(board) < machine.chains)
      faults.push(
        report("hashboards", machine.chains, `at most ${slotCount(board)} on ${board.name}`),
      );
  if (file.bringUp?.startsWith(machine.chip.toLowerCase()) === false)
    faults.push(report("bringUp", file.bringUp, `a bring-up of ${machine.chip}`));
  if (machine.freqMHz === undefined) return faults;
  const computedThs = machineHashrateThs(machine, machine.freqMHz.nominal);
  if (Math.abs(computedThs / machine.rated.hashrateThs - 1) > RATED_TOLERANCE)
    faults.push(
      report(
        "rated.hashrateThs",
        machine.rated.hashrateThs,
        `chips x hashUnits x freqMHz.nominal = ${computedThs.toFixed(2)} within 2 %`,
      ),
    );
  return faults;
}

function checkControlBoard(board: ControlBoardFile, report: Report): BoardFault[] {
  const { chains, lines = {}, psuEnable, tachs = [], buses = {} } = board;
  const uses: [string, string][] = chains.flatMap((chain, index) => {
    const at = `chains.${index}`;
    const wires: [string, string][] = [
      [`tty ${chain.tty}`, `${at}.tty`],
      [lineKey(chain.reset), `${at}.reset`],
    ];
    if (chain.present !== undefined) wires.push([lineKey(chain.present), `${at}.present`]);
    return wires;
  });
  if (psuEnable !== undefined) uses.push([lineKey(psuEnable.line), "psuEnable.line"]);
  for (const [name, { line }] of Object.entries(lines)) uses.push([lineKey(line), `lines.${name}`]);
  for (const [index, { tach }] of tachs.entries())
    if ("edges" in tach) uses.push([lineKey(tach.edges), `tachs.${index}.tach`]);
  for (const [name, bus] of Object.entries(buses))
    if (bus !== undefined && "scl" in bus)
      uses.push([lineKey(bus.scl), `buses.${name}.scl`], [lineKey(bus.sda), `buses.${name}.sda`]);
  const firstUse = new Map<string, string>();
  return uses.flatMap(([resource, path]) => {
    const first = firstUse.get(resource);
    if (first !== undefined) return [report(path, resource, `used once; ${first} has it`)];
    firstUse.set(resource, path);
    return [];
  });
}

function lineKey(line: Line): string {
  return Object.entries(line)
    .map(([key, value]) => `${key} ${value}`)
    .join(" ");
}
