import type { Command } from "commander";
import type { MachineCommand } from "../app/life-cycle/possible-commands.js";
import type { CommandReply, CurtailedWatts } from "../app/machine-commands.js";
import { wholeNumber } from "./arguments.js";
import { addFleetOrderOptions, giveFleetOrder, type FleetOrderFlags } from "./curtail-fleet.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print } from "./output.js";

/** The supply's line is driven and the order written to the disk: seconds on a bad one. */
const TIMEOUT_MS = 15_000;
/** Clocks walk down step by step, and slow supplies are asked in turn. */
const WAIT_S = 90;

interface OrderFlags extends FleetOrderFlags {
  readonly to?: number;
}

const DESCRIPTIONS: Readonly<Record<MachineCommand, string>> = {
  pause: "no work any more; the chips stay clocked",
  resume: "mine again: after pause, after curtail, and where something was given up",
  sleep: "no work and the lowest clock, with the power on: back within seconds",
  wake: "mine again after sleep",
  curtail: "switch the hash power off at once, or down to so many watts, until resume",
};

/** Adds the orders to the running machine: pause, resume, sleep, wake and curtail. */
export function registerOrderCommands(program: Command): void {
  for (const [name, description] of Object.entries(DESCRIPTIONS)) {
    const command = program.command(name).description(description);
    const isForMany = name === "curtail" || name === "resume";
    if (isForMany) addFleetOrderOptions(command);
    addControllerOptions(command, isForMany ? { isCaShared: true } : {});
    if (name === "curtail")
      command.option("--to <watts>", "go on mining with at most so many watts", wholeNumber);
    command.action(async (flags: OrderFlags) => {
      if (isForMany && flags.fleet !== undefined)
        await giveFleetOrder(name, flags.fleet, flags, command);
      else await giveOrder(name, flags, command);
    });
  }
}

async function giveOrder(name: string, flags: OrderFlags, command: Command): Promise<void> {
  const { to } = flags;
  const params = to === undefined ? undefined : { toW: to, waitS: WAIT_S };
  const timeoutMs = TIMEOUT_MS + (to === undefined ? 0 : WAIT_S * 1000);
  const reply = (await controllerOf(command).ask(
    `machine.${name}`,
    params,
    timeoutMs,
  )) as CommandReply;
  print(reply, flags, () => replyText(reply));
}

function replyText({ order, state, isUnchanged, isKept, receipt, watts }: CommandReply): string {
  const lines = [
    isUnchanged ? `${order}: it was already, and is ${state}` : `${order}: was ${state}`,
  ];
  if (receipt !== undefined)
    lines.push(
      `power off after ${receipt.tookMs.toFixed(1)} ms, at ${timeText(receipt.powerOffUnixMs)}`,
    );
  if (watts?.held !== undefined) lines.push(wattsText(watts.before, watts.held));
  if (!isKept) lines.push("NOT KEPT: a restart of the controller would not know of it");
  return lines.join("\n");
}

function wattsText(
  before: CurtailedWatts["before"],
  { targetW, isReached, after }: NonNullable<CurtailedWatts["held"]>,
): string {
  const text = ({ value, evidence }: CurtailedWatts["before"]): string =>
    value === null ? "unknown" : `${String(value)} W ${evidence}`;
  const verdict = isReached ? "reached" : "not reached yet";
  return `at most ${String(targetW)} W, ${verdict}: before ${text(before)}, now ${text(after)}`;
}

function timeText(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
