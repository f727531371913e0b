import type { Command } from "commander";
import type { LogLine } from "../app/log-commands.js";
import { systemClock } from "../lib/clock.js";
import { wholeNumber } from "./arguments.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, type JsonOption } from "./output.js";

interface LogsFlags extends JsonOption {
  readonly last?: number;
  readonly minutes?: number;
  readonly level?: string;
}

const HELP = `
Oldest first, what the running controller wrote to its log; it keeps the newest 500 lines. What
happened before it was started is told by: headframe events.`;

/** Adds `logs`: the log of the running controller. */
export function registerLogsCommand(program: Command): void {
  addControllerOptions(program.command("logs"))
    .description("the last lines of the running controller's log")
    .option("--last <n>", "so many lines, up to 1000; 100 when left out", wholeNumber)
    .option("--minutes <n>", "of the last minutes", wholeNumber)
    .option("--level <level>", "debug, info, warn or error, and what is worse")
    .addHelpText("after", HELP)
    .action(async ({ last, minutes, level, ...flags }: LogsFlags, command: Command) => {
      const params = {
        ...(last !== undefined && { last }),
        ...(minutes !== undefined && { sinceUnixMs: systemClock.unixMs() - minutes * 60_000 }),
        ...(level !== undefined && { level }),
      };
      const answer = await controllerOf(command).ask("logs", params);
      const { lines } = answer as { readonly lines: readonly LogLine[] };
      print({ lines }, flags, () => lines.map(lineText).join("\n"));
    });
}

function lineText({ atUnixMs, level, message, facts }: LogLine): string {
  const known = Object.entries(facts).map(
    ([name, fact]) => `${name}=${typeof fact === "string" ? fact : JSON.stringify(fact)}`,
  );
  const time = new Date(atUnixMs).toISOString();
  return [time, level.padEnd(5), message, ...known].join("  ").trimEnd();
}
