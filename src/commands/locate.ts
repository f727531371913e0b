import type { Command } from "commander";
import type { LocateReply } from "../app/locator.js";
import { wholeNumber } from "./arguments.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, type JsonOption } from "./output.js";

interface LocateFlags extends JsonOption {
  readonly off?: true;
  readonly seconds?: number;
}

/** Adds `locate`: the lights of the control board blink. */
export function registerLocateCommand(program: Command): void {
  addControllerOptions(program.command("locate"))
    .description("blink the lights of the control board, so that somebody finds the machine")
    .option("--seconds <n>", "blink so long; ten minutes when left out", wholeNumber)
    .option("--off", "blink no longer")
    .action(async ({ off, seconds, ...flags }: LocateFlags, command: Command) => {
      const params = { on: off !== true, ...(seconds !== undefined && { seconds }) };
      const reply = (await controllerOf(command).ask("machine.locate", params)) as LocateReply;
      print(reply, flags, () => locateText(reply));
    });
}

function locateText({ isOn, endsUnixMs, lines, evidence }: LocateReply): string {
  if (!isOn || endsUnixMs === null) return "the lights blink no longer";
  return `${lines.join(", ")} blink until ${new Date(endsUnixMs).toISOString()} (lines: ${evidence})`;
}
