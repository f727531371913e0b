import type { Command } from "commander";
import type { SetPointList } from "../app/machine-commands.js";
import { wishesFor, type Wishes } from "./arguments.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, table, type JsonOption } from "./output.js";

/** A large change of the voltage takes many rounds of a slow bus. */
const TIMEOUT_MS = 120_000;

const NAMES = ["freqMHz", "railMv", "powerW"] as const;
type Name = (typeof NAMES)[number];

interface SetFlags extends JsonOption {
  readonly now?: true;
}

const HELP = `
  headframe set --data DIR                        the set-points and their limits
  headframe set freqMHz=500 railMv=13000 --data DIR
  headframe set freqMHz=default --data DIR        as the machine's data say
  headframe set powerW=2000 --data DIR            at most so many watts; default: no limit

The running machine changes at once, without a restart: a higher voltage before the clock, a lower
one after it. Watts are held by the clock, which is never above freqMHz. The configuration file is
changed too, unless --now is given.`;

/** Adds the set-points of the running machine: set. */
export function registerSetCommand(program: Command): void {
  addControllerOptions(program.command("set"))
    .description("show or change clock, voltage and watts of the running machine")
    .argument("[values...]", "freqMHz=MHZ, railMv=MILLIVOLTS, powerW=WATTS", wishesFor(NAMES), {})
    .option("--now", "until the next start only; the configuration file stays as it is")
    .addHelpText("after", HELP)
    .action(async (wishes: Wishes<Name>, flags: SetFlags, command: Command) => {
      const params = { ...wishes, ...(flags.now && { now: true }) };
      const list = (await controllerOf(command).ask(
        "machine.set",
        params,
        TIMEOUT_MS,
      )) as SetPointList;
      print(list, flags, () => listText(list));
    });
}

function listText({ freqMHz, railMv, powerW, configured, limits }: SetPointList): string {
  const shown = (value: number | null): string => (value === null ? "-" : String(value));
  const row = (name: Name, now: number | null): string[] => {
    const { min = null, max = null, nominal = null } = limits[name] ?? {};
    return [name, ...[now, configured[name], nominal, min, max].map(shown)];
  };
  return table([
    ["", "now", "configured", "nominal", "least", "most"],
    row("freqMHz", freqMHz),
    row("railMv", railMv),
    row("powerW", powerW),
  ]);
}
