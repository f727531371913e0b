import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { BRING_UPS } from "../asic/bring-up/bring-ups.js";
import { FAMILIES } from "../asic/families.js";
import { describeFacts } from "../boards/describe.js";
import { checkBoards } from "../boards/check/check-boards.js";
import { defaultBoardsDir, fileNames, findBoardFile } from "../boards/files.js";
import { listMachines, loadMachine } from "../boards/load-machine.js";
import { machineHashrateThs, type MachineSpec } from "../boards/machine-spec.js";
import { DRIVEN_CHIPS } from "../boards/names.js";
import { boardsSchemaText } from "../boards/schema/index.js";
import { type JsonOption, print, table } from "./output.js";

const EVIDENCE_HELP = `
Every group of values says how it is known: captured (seen on a wire), documented (a source states it)
or inferred (follows from something else, unproven), and from where.`;

const LIST_HEADER = ["name", "machine", "chip", "chips", "clock", "rated", "control boards"];

/** Adds the hardware data commands: boards list, show, check, schema. */
export function registerBoardsCommands(program: Command): void {
  const boards = program
    .command("boards")
    .description("hardware data: machines, hashboards and control boards")
    .addHelpText("after", EVIDENCE_HELP);
  boards
    .command("list")
    .description("list the machines, with their chips and rated hash rate")
    .option("--json", "one JSON document")
    .action(list);
  boards
    .command("show")
    .description("show a machine, hashboard or control board with the source of every value")
    .argument("<name>", "name as in boards list; or of a hashboard or control board")
    .option("--json", "one JSON document")
    .action(show);
  boards
    .command("check")
    .description("prove schema, references, limits, pins and sums of the hardware data")
    .argument("[file]", "one file inside machines/, hashboards/ or control-boards/; all without it")
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
  const report = {
    machines: machines.map(summary),
    hashboards: fileNames(dir, "hashboards"),
    controlBoards: fileNames(dir, "control-boards"),
  };
  print(report, options, () =>
    [
      table([LIST_HEADER, ...machines.map(row)]),
      "",
      `hashboards: ${report.hashboards.join(", ")}`,
      `control boards: ${report.controlBoards.join(", ")}`,
    ].join("\n"),
  );
}

function row(machine: MachineSpec): string[] {
  const { chips, domains, chipsPerDomain } = machine.hashboard.chain;
  return [
    machine.name,
    machine.title,
    machine.chip,
    `${machine.chains} x ${chips} (${domains} x ${chipsPerDomain})`,
    machine.freqMHz === undefined ? "" : `${machine.freqMHz.nominal} MHz`,
    `${machine.rated.hashrateThs} TH/s`,
    machine.controlBoards.map(({ name }) => name).join(", "),
  ];
}

function summary(machine: MachineSpec): object {
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
  };
}

function show(name: string, options: JsonOption): void {
  const { kind, value } = findBoardFile(defaultBoardsDir(), name);
  const facts = kind === "machines" ? machineFacts(loadMachine(name)) : { name, ...value };
  print(facts, options, () => describeFacts(facts));
}

/** A machine file with what the driver adds: how its bring-up and its chip family are known. */
function machineFacts(machine: MachineSpec): object {
  const chip = DRIVEN_CHIPS.find((driven) => driven === machine.chip);
  if (machine.bringUp === undefined || chip === undefined) return machine;
  const { name, evidence, source } = BRING_UPS[machine.bringUp];
  const { pll, jobEcho, sweepOverrun } = FAMILIES[chip];
  return {
    ...machine,
    bringUp: { name, evidence, source },
    family: { pll, jobEcho, sweepOverrun },
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
