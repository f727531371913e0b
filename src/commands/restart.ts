import type { Command } from "commander";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, type JsonOption } from "./output.js";

interface RestartReply {
  readonly keepsPower: boolean;
}

/** Adds `restart`: the controller ends, so that another can take the machine over; and `reboot` of the whole board. */
export function registerRestartCommands(program: Command): void {
  addControllerOptions(program.command("restart"))
    .description("end the controller without switching the power off: another must start at once")
    .action(async (flags: JsonOption, command: Command) => {
      const reply = (await controllerOf(command).ask("machine.restart")) as RestartReply;
      print(reply, flags, () =>
        reply.keepsPower
          ? "the controller ends; the power stays on for at most 30 s, until another takes over"
          : "the controller ends; the power is off, or goes off",
      );
    });
  addControllerOptions(program.command("reboot"))
    .description("switch the hash power off, then start the control board anew")
    .action(async (flags: JsonOption, command: Command) => {
      const reply = await controllerOf(command).ask("system.reboot");
      print(reply, flags, () => "the controller switches off and ends; the board starts anew then");
    });
}
