import { CommandDesk } from "../../app/commands/command-desk.js";
import { plainCommand, type CommandEntry } from "../../app/commands/command-entry.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { OrderName } from "../../telemetry/machine-snapshot.js";
import type { LightJournal } from "./light-journal.js";
import type { LightMachine } from "./light-machine.js";

const ORDERS: Readonly<Record<string, OrderName>> = {
  pause: "paused",
  resume: "mine",
  sleep: "asleep",
  wake: "mine",
  curtail: "curtailed",
};

/** What leads from one order to another. */
const WAYS_OUT: Readonly<Record<OrderName, readonly string[]>> = {
  mine: ["pause", "sleep", "curtail"],
  paused: ["resume", "sleep", "curtail"],
  asleep: ["wake", "curtail"],
  curtailed: ["resume"],
};

/** The real desk, over the orders that a light machine can obey. */
export function lightDesk(machine: LightMachine, journal: LightJournal, clock: Clock): CommandDesk {
  const entries = Object.entries(ORDERS).map(([command, order]): [string, CommandEntry] => [
    `machine.${command}`,
    plainCommand("operate", () => give(machine, command, order)),
  ]);
  const commands = Object.fromEntries(entries);
  return new CommandDesk({ commands, scopes: { mqtt: ["operate"] }, journal, clock });
}

async function give(machine: LightMachine, command: string, order: OrderName): Promise<object> {
  const { state, order: before } = machine;
  const isChange = WAYS_OUT[before].includes(command);
  if (!isChange && before !== order) {
    const possible = WAYS_OUT[before].join(", ");
    throw new MinerError("COMMAND_REFUSED", { command, state, order: before, possible });
  }
  const watts = { before: { value: machine.watts() } };
  if (isChange && order === "curtailed") await machine.curtail();
  else if (isChange && order !== "curtailed") machine.obey(order);
  const done = { order, state, isUnchanged: !isChange, isKept: true };
  const { curtailment } = machine;
  const isReceipt = order === "curtailed" && curtailment !== null;
  return { ...done, ...(isReceipt && { receipt: { ...curtailment, isKept: true }, watts }) };
}
