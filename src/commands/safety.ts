import { Argument, type Command } from "commander";
import { loadMachine } from "../boards/load-machine.js";
import type { ControlBoard, MachineSpec } from "../boards/machine-spec.js";
import { drivenFacts } from "../app/machine/driven-facts.js";
import { MinerError } from "../lib/errors.js";
import { RAIL_RULES } from "../safety/rail-rules.js";
import type { RailLimits } from "../safety/rail-facts.js";
import { print, type JsonOption } from "./output.js";

/** The rules that the rail depends on, and the limits of one machine. */
export function registerSafetyCommand(program: Command): void {
  program
    .command("safety")
    .description("every rule of safety: its limit, what it does, what ends it, and its source")
    .addArgument(new Argument("[machine]", "name of a machine, for the limits that are its own"))
    .option("--json", "one JSON document")
    .action((name: string | undefined, flags: JsonOption) => {
      const rules = rulesOf(name === undefined ? undefined : limitsOf(loadMachine(name)));
      print({ machine: name ?? null, rules }, flags, () => rules.map(ruleText).join("\n\n"));
    });
}

interface RuleDocument {
  readonly name: string;
  readonly code: string;
  readonly limit: string;
  readonly action: string;
  readonly clears: string;
  readonly evidence: string;
  readonly source: string;
}

function rulesOf(limits: RailLimits | undefined): readonly RuleDocument[] {
  return RAIL_RULES.map(({ name, code, limit, limitOf, action, clears, evidence, source }) => ({
    ...{ name, code, action, clears, evidence, source },
    limit: limits === undefined || limitOf === undefined ? limit : limitOf(limits),
  }));
}

/** Limits do not depend on the control board. */
function limitsOf(machine: MachineSpec): RailLimits {
  for (const board of machine.controlBoards) {
    const limits = limitsOn(machine, board);
    if (limits !== undefined) return limits;
  }
  throw new MinerError("MACHINE_NOT_DRIVEN", { machine: machine.name, missing: "limits" });
}

function limitsOn(machine: MachineSpec, board: ControlBoard): RailLimits | undefined {
  try {
    return drivenFacts(machine, board).limits;
  } catch {
    return undefined; // another board may say more
  }
}

function ruleText({ name, code, limit, action, clears, evidence, source }: RuleDocument): string {
  return [
    `${name}: ${action} (${code})`,
    `  limit   ${limit}`,
    `  clears  ${clears}`,
    `  source  ${evidence}: ${source}`,
  ].join("\n");
}
