import type { Command } from "commander";
import type { CoolingList } from "../app/cooling-commands.js";
import { wishesFor, type Wishes } from "./arguments.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, table, type JsonOption } from "./output.js";

const NAMES = ["targetC", "minDutyPct", "maxDutyPct"] as const;

interface CoolingFlags extends JsonOption {
  readonly now?: true;
}

const HELP = `
  headframe cooling --data DIR                    what the fans hold and do
  headframe cooling maxDutyPct=60 --data DIR      quiet: the clock is lowered where that is too little air
  headframe cooling targetC=58 minDutyPct=30 --data DIR
  headframe cooling maxDutyPct=default --data DIR as the machine's data say

The running machine changes at once, and the configuration file too, unless --now is given. From the
warning on fans are full, whatever is wished.`;

/** Adds the owner's wishes about the fans: cooling. */
export function registerCoolingCommand(program: Command): void {
  addControllerOptions(program.command("cooling"))
    .description("show or change what the fans of the running machine hold")
    .argument(
      "[values...]",
      "targetC=DEGREES, minDutyPct=PERCENT, maxDutyPct=PERCENT",
      wishesFor(NAMES),
      {},
    )
    .option("--now", "until the next start only; the configuration file stays as it is")
    .addHelpText("after", HELP)
    .action(
      async (wishes: Wishes<(typeof NAMES)[number]>, flags: CoolingFlags, command: Command) => {
        const params = { ...wishes, ...(flags.now && { now: true }) };
        const list = (await controllerOf(command).ask("cooling.set", params)) as CoolingList;
        print(list, flags, () => listText(list));
      },
    );
}

function listText(list: CoolingList): string {
  const shown = (value: number | null): string => (value === null ? "-" : String(value));
  const rows = NAMES.map((name) => [name, shown(list[name]), shown(list.configured[name])]);
  const { mode, dutyPct, reason } = list;
  return [
    `${mode}, fans at ${dutyPct.toFixed(0)} % (${reason})`,
    table([["", "now", "configured"], ...rows]),
  ].join("\n");
}
