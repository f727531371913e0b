import type { Command } from "commander";
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

/** All commands. */
export function registerCommands(program: Command): void {
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
}
