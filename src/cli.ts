#!/usr/bin/env node
import "./lib/small-heap.js";
import { Command, CommanderError } from "commander";
import { registerBoardsCommands } from "./commands/boards.js";
import { registerConfigCommands } from "./commands/config.js";
import { registerDemoCommand } from "./commands/demo.js";
import { registerEepromCommand } from "./commands/eeprom.js";
import { registerEventsCommand } from "./commands/events.js";
import { registerFleetCommand } from "./commands/fleet.js";
import { registerHistoryCommand } from "./commands/history.js";
import { registerSafetyCommand } from "./commands/safety.js";
import { registerTripsCommands } from "./commands/trips.js";
import { registerOrderCommands } from "./commands/orders.js";
import { reportFailure } from "./commands/output.js";
import { registerPoolCheckCommand } from "./commands/pool-check.js";
import { registerPoolsCommands } from "./commands/pools.js";
import { registerPsuCommands } from "./commands/psu.js";
import { registerReplayCommand } from "./commands/replay.js";
import { registerRestartCommand } from "./commands/restart.js";
import { registerRunCommand } from "./commands/run.js";
import { registerSetCommand } from "./commands/set.js";
import { registerStatusCommand } from "./commands/status.js";
import { registerVirtualCommand } from "./commands/virtual.js";
import { registerWatchCommand } from "./commands/watch.js";
import { registerWireCommands } from "./commands/wire.js";
import { MinerError } from "./lib/errors.js";
import { programVersion } from "./lib/version.js";

const EXIT_USAGE = 2;

function buildProgram(isJson: boolean): Command {
  const program = new Command("headframe")
    .description("open firmware for the control board of Bitcoin ASIC miners")
    .version(programVersion())
    .showHelpAfterError("(run with --help for what is possible)");
  // Before the commands are added: they inherit it.
  if (isJson) program.configureOutput({ writeErr: () => undefined });
  registerRunCommand(program);
  registerDemoCommand(program);
  registerVirtualCommand(program);
  registerFleetCommand(program);
  registerStatusCommand(program);
  registerWatchCommand(program);
  registerEventsCommand(program);
  registerHistoryCommand(program);
  registerOrderCommands(program);
  registerRestartCommand(program);
  registerReplayCommand(program);
  registerTripsCommands(program);
  registerSafetyCommand(program);
  registerSetCommand(program);
  registerBoardsCommands(program);
  registerWireCommands(program);
  registerPoolsCommands(program);
  registerPoolCheckCommand(program);
  registerEepromCommand(program);
  registerPsuCommands(program);
  registerConfigCommands(program);
  throwUsageErrors(program);
  return program;
}

/** Commander would exit with 1; wrong usage is 2. */
function throwUsageErrors(command: Command): void {
  command.exitOverride();
  for (const subcommand of command.commands) throwUsageErrors(subcommand);
}

const isJson = process.argv.includes("--json");
try {
  await buildProgram(isJson).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) {
    reportFailure(error, isJson);
  } else if (error.exitCode !== 0) {
    if (isJson) reportFailure(new MinerError("USAGE", { reason: error.message }), isJson);
    process.exitCode = EXIT_USAGE;
  }
}
