#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { registerBoardsCommands } from "./commands/boards.js";
import { registerConfigCommands } from "./commands/config.js";
import { registerDemoCommand } from "./commands/demo.js";
import { reportFailure } from "./commands/output.js";
import { registerRunCommand } from "./commands/run.js";
import { registerStatusCommand } from "./commands/status.js";
import { registerVirtualCommand } from "./commands/virtual.js";
import { registerWireCommands } from "./commands/wire.js";
import { programVersion } from "./lib/version.js";

const EXIT_USAGE = 2;

function buildProgram(): Command {
  const program = new Command("headframe")
    .description("open firmware for the control board of Bitcoin ASIC miners")
    .version(programVersion())
    .showHelpAfterError("(run with --help for what is possible)");
  registerRunCommand(program);
  registerDemoCommand(program);
  registerVirtualCommand(program);
  registerStatusCommand(program);
  registerBoardsCommands(program);
  registerWireCommands(program);
  registerConfigCommands(program);
  throwUsageErrors(program);
  return program;
}

/** Commander would exit with 1; wrong usage is 2. */
function throwUsageErrors(command: Command): void {
  command.exitOverride();
  for (const subcommand of command.commands) throwUsageErrors(subcommand);
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else reportFailure(error, process.argv.includes("--json"));
}
