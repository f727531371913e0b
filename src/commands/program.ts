import { Command, CommanderError } from "commander";
import { MinerError } from "../lib/errors.js";
import { programVersion } from "../lib/version.js";
import { reportFailure } from "./output.js";

const EXIT_USAGE = 2;

/** Does what the command line asks for, and says how that went. `register` adds the commands that it may ask for. */
export async function runProgram(register: (program: Command) => void): Promise<void> {
  const isJson = process.argv.includes("--json");
  try {
    const program = new Command("headframe")
      .description("open firmware for the control board of Bitcoin ASIC miners")
      .version(programVersion())
      .showHelpAfterError("(run with --help for what is possible)");
    // Before the commands are added: they inherit it.
    if (isJson) program.configureOutput({ writeErr: () => undefined });
    register(program);
    throwUsageErrors(program);
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      reportFailure(error, isJson);
    } else if (error.exitCode !== 0) {
      if (isJson) reportFailure(new MinerError("USAGE", { reason: error.message }), isJson);
      process.exitCode = EXIT_USAGE;
    }
  }
}

/** Commander would exit with 1; wrong usage is 2. */
function throwUsageErrors(command: Command): void {
  command.exitOverride();
  for (const subcommand of command.commands) throwUsageErrors(subcommand);
}
