import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { checkBoards } from "../boards/check/check-boards.js";
import { drivability, type Drivability } from "../boards/drivability.js";
import { defaultBoardsDir, fileNames } from "../boards/files.js";
import { listMachines, loadMachine } from "../boards/load-machine.js";
import { machineHashrateThs, type MachineSpec } from "../boards/machine-spec.js";
import { boardsSchemaText } from "../boards/schema/index.js";
import { showBoard } from "./boards-show.js";
import { type JsonOption, print, table } from "./output.js";

const EVIDENCE_HELP = `
Every group of values says how it is known: captured (seen on a wire), documented (a source states it)
or inferred (follows from something else, unproven), and from where.`;

const LIST_HEADER = ["name", "chip", "chips", "clock", "rated", "supplies", "driven by"];
const LIST_NOTES = `* once its owner allows inferred values; headframe boards show NAME tells which, and what keeps others`;

/** Adds the hardware data commands: boards list, show, check, schema. */
export function registerBoardsCommands(program: Command): void {
  const boards = program
    .command("boards")
    .description("hardware data: machines, hashboards, control boards and power supplies")
    .addHelpText("after", EVIDENCE_HELP);
  boards
    .command("list")
    .description("list the machines, with what drives them today")
    .option("--json", "one JSON document")
    .action(list);
  boards
    .command("show")
    .description(
      "show what is known and what is inferred, each with its source, and what keeps a machine from being driven",
    )
    .argument("<name>", "name of a machine, hashboard, control board or supply, as in boards list")
    .option("--json", "one JSON document")
    .action(showBoard);
  boards
    .command("check")
    .description(
      "prove schema, references, limits, pins, bus addresses, rails and sums of the hardware data",
    )
    .argument(
      "[file]",
      "one file inside machines/, hashboards/, control-boards/ or power-supplies/; all without it",
    )
    .option("--json", "one JSON document")
    .action(check);
  boards
    .command("schema")
    .description("print the JSON Schema of the files, for editors")
    .action(() => {
      process.stdout.write(boardsSchemaText());
    });
}

function list(options: JsonOption): void {
  const dir = defaultBoardsDir();
  const machines = listMachines(dir).map((name) => loadMachine(name, dir));
  const rows = machines.map((machine) => ({ machine, driving: drivability(machine) }));
  const report = {
    machines: rows.map(({ machine, driving }) => summary(machine, driving)),
    hashboards: fileNames(dir, "hashboards"),
    controlBoards: fileNames(dir, "control-boards"),
    powerSupplies: fileNames(dir, "power-supplies"),
  };
  print(report, options, () =>
    [
      table([LIST_HEADER, ...rows.map(({ machine, driving }) => row(machine, driving))]),
      LIST_NOTES,
      "",
      `hashboards: ${report.hashboards.join(", ")}`,
      `control boards: ${report.controlBoards.join(", ")}`,
      `power supplies: ${report.powerSupplies.join(", ")}`,
    ].join("\n"),
  );
}

function row(machine: MachineSpec, driving: readonly Drivability[]): string[] {
  const { chips, domains, chipsPerDomain } = machine.hashboard.chain;
  return [
    machine.name,
    machine.chip,
    `${machine.chains} x ${chips} (${domains} x ${chipsPerDomain})`,
    machine.freqMHz === undefined ? "" : `${machine.freqMHz.nominal} MHz`,
    `${machine.rated.hashrateThs} TH/s`,
    machine.supplies.map(({ name }) => name).join(", "),
    drivenBy(driving),
  ];
}

function drivenBy(driving: readonly Drivability[]): string {
  const boards = driving.filter(({ state }) => state !== "refuses");
  if (boards.length > 0)
    return boards
      .map(({ controlBoard, state }) => (state === "asks" ? `${controlBoard}*` : controlBoard))
      .join(", ");
  const first = driving[0]?.obstacles[0];
  return `nothing: ${first?.why ?? "no control board is known"}`;
}

function summary(machine: MachineSpec, driving: readonly Drivability[]): object {
  const nominalMHz = machine.freqMHz?.nominal;
  return {
    name: machine.name,
    title: machine.title,
    chip: machine.chip,
    chains: machine.chains,
    chips: machine.hashboard.chain.chips,
    freqMHz: nominalMHz ?? null,
    ratedThs: machine.rated.hashrateThs,
    computedThs: nominalMHz === undefined ? null : machineHashrateThs(machine, nominalMHz),
    controlBoards: machine.controlBoards.map(({ name }) => name),
    supplies: machine.supplies.map(({ name }) => name),
    isDriven: driving.some(({ state }) => state !== "refuses"),
    driving: driving.map(({ controlBoard, state, allowInferred, obstacles }) => ({
      controlBoard,
      state,
      allowInferred,
      obstacles: obstacles.map(({ name }) => name),
    })),
  };
}

function check(file: string | undefined, options: JsonOption): void {
  const report = file === undefined ? checkBoards() : checkBoards(boardsDirOf(file), resolve(file));
  print(report, options, () =>
    [
      ...report.faults.map(
        ({ file: where, path, value, expectation }) =>
          `${where}: ${path}: is ${value}, must be ${expectation}`,
      ),
      `${report.files} files, ${report.faults.length} faults`,
    ].join("\n"),
  );
  if (report.faults.length > 0) process.exitCode = 1;
}

/** A file sits in a folder for its kind, and that in the folder its references are looked up in. */
function boardsDirOf(file: string): string {
  return dirname(dirname(resolve(file)));
}
