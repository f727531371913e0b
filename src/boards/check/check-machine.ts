import { isMinerError } from "../../lib/errors.js";
import { faultOf } from "../files.js";
import { loadMachine } from "../load-machine.js";
import { machineHashrateThs, slotCount, type MachineSpec } from "../machine-spec.js";
import type { MachineFile } from "../schema/index.js";
import { checkBusAddresses } from "./check-bus-addresses.js";
import { checkRail } from "./check-rail.js";
import type { Report } from "./report.js";

/** Chips x hash units x clock must give the rated hash rate within this share. */
const RATED_TOLERANCE = 0.02;

/** Which field of a machine file names a file of which kind. */
const REFERENCES: Readonly<Record<string, string>> = {
  hashboards: "hashboard",
  "control-boards": "controlBoards",
  "power-supplies": "supplies.names",
};

/** What one machine file must hold by itself and together with everything that it refers to. */
export function checkMachine(dir: string, name: string, file: MachineFile, report: Report): void {
  checkOrder(file, report);
  const machine = loadReferences(dir, name, report);
  if (machine === undefined) return;
  checkFit(machine, report);
  checkSums(machine, report);
  checkRail(machine, report);
  checkBusAddresses(machine, report);
}

function checkOrder(file: MachineFile, report: Report): void {
  const { freqMHz, railMv, limits, fans, cooling } = file;
  if (freqMHz !== undefined) {
    const { min, nominal, max } = freqMHz;
    report.ordered("freqMHz", Object.entries({ min, nominal, max }), false);
  }
  if (railMv !== undefined) {
    const { min, running, open, max } = railMv;
    report.ordered("railMv", Object.entries({ min, running, open, max }), false);
  }
  if (fans !== undefined) {
    const { minRpm, maxRpm } = fans;
    report.ordered("fans", Object.entries({ minRpm, maxRpm }), false);
  }
  for (const place of ["boardC", "chipC"] as const) {
    const group = limits[place];
    if (group === undefined) continue;
    const { warn, throttle, cut } = group;
    const target = place === "boardC" ? cooling?.targetC : cooling?.chipTargetC;
    report.ordered(`limits.${place}`, Object.entries({ target, warn, throttle, cut }), true);
  }
}

function loadReferences(dir: string, name: string, report: Report): MachineSpec | undefined {
  try {
    return loadMachine(name, dir);
  } catch (error) {
    const fault = faultOf(error);
    if (fault !== undefined) report.faults.push(fault);
    else if (isMinerError(error, "BOARDS_UNKNOWN")) {
      const { kind, name: missing, known } = error.context;
      report.add(REFERENCES[String(kind)] ?? "", missing, `one of ${String(known)}`);
    } else throw error;
    return undefined;
  }
}

function checkFit(machine: MachineSpec, report: Report): void {
  const { bringUp, chains, fans, hashboard } = machine;
  if (bringUp?.startsWith(machine.chip.toLowerCase()) === false)
    report.add("bringUp", bringUp, `a bring-up of ${machine.chip}`);
  for (const board of machine.controlBoards) {
    if (slotCount(board) < chains)
      report.add("hashboards", chains, `at most ${String(slotCount(board))} on ${board.name}`);
    const driven = (board.fanGroups ?? []).flatMap((group) => group.fans).length;
    const isDriven = driven > 0 && hashboard.fanController === undefined;
    if (fans !== undefined && isDriven && fans.count > driven)
      report.add("fans.count", fans.count, `at most ${String(driven)} on ${board.name}`);
  }
}

function checkSums(machine: MachineSpec, report: Report): void {
  if (machine.freqMHz === undefined) return;
  const computedThs = machineHashrateThs(machine, machine.freqMHz.nominal);
  if (Math.abs(computedThs / machine.rated.hashrateThs - 1) > RATED_TOLERANCE)
    report.add(
      "rated.hashrateThs",
      machine.rated.hashrateThs,
      `chips x hashUnits x freqMHz.nominal = ${computedThs.toFixed(2)} within 2 %`,
    );
}
