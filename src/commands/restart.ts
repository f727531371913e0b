import type { Command } from "commander";
import { askController } from "../api/control/control-client.js";
import { print, type JsonOption } from "./output.js";

interface RestartReply {
  readonly keepsPower: boolean;
}

/** Adds `restart`: the controller ends, so that another can take the machine over; and `reboot` of the whole board. */
export function registerRestartCommands(program: Command): void {
  program
    .command("restart")
    .description("end the controller without switching the power off: another must start at once")
    .requiredOption("--data <dir>", "data directory of the controller")
    .option("--json", "one JSON document")
    .action(async (flags: JsonOption & { readonly data: string }) => {
      const reply = (await askController(flags.data, "machine.restart")) as RestartReply;
      print(reply, flags, () =>
        reply.keepsPower
          ? "the controller ends; the power stays on for at most 30 s, until another takes over"
          : "the controller ends; the power is off, or goes off",
      );
    });
  program
    .command("reboot")
    .description("switch the hash power off, then start the control board anew")
    .requiredOption("--data <dir>", "data directory of the controller")
    .option("--json", "one JSON document")
    .action(async (flags: JsonOption & { readonly data: string }) => {
      const reply = await askController(flags.data, "system.reboot");
      print(reply, flags, () => "the controller switches off and ends; the board starts anew then");
    });
}
