import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { wholeNumber } from "./arguments.js";
import { addBrokerOptions } from "./fleet-broker.js";
import { planOf, type FleetFlags } from "./fleet-plan.js";
import { runFleetHere } from "./fleet-process.js";
import { runFleetProcesses } from "./fleet-processes.js";

/** One event loop answers for so many in about half a second: docs/fleet/scale.md. */
const MINERS_A_PROCESS = 500;

export function registerFleetCommand(program: Command): void {
  const fleet = program
    .command("fleet")
    .description(
      "run many light virtual miners at an MQTT broker, with the real topics, payloads and receipts, until it is stopped",
    )
    .requiredOption("--miners <number>", "how many", wholeNumber)
    .requiredOption("--broker <url>", "mqtt://host:port or mqtts://host:port");
  addBrokerOptions(fleet)
    .option(
      "--group <name>",
      "group that each belongs to; may be given again",
      (name: string, names: readonly string[]) => [...names, name],
      [],
    )
    .option("--period <s>", "seconds between telemetry, 10 to 600 (60)", wholeNumber)
    .option("--keep-alive <s>", "5 to 600 (60)", wholeNumber)
    .option("--machine <name>", "machine (headframe boards list)", "s19k-pro")
    .option("--first <number>", "number of the first: 1 is 02f1ee000001", wholeNumber, 1)
    .option("--per-s <number>", "miners that begin to connect each second", wholeNumber, 500)
    .option(
      "--confirm <ms>",
      "the supply measures an empty output so long after it was switched off; 0: it cannot",
      wholeNumber,
      400,
    )
    .option("--processes <number>", "share the miners among so many", wholeNumber)
    .option("--json", "what is printed as JSON lines")
    .addHelpText(
      "after",
      "\n{id} in --user, --cert and --key stands for the id of each miner, which is its client id, too.",
    )
    .action(async (flags: FleetFlags) => {
      const plan = planOf(flags);
      // Standard input can be read once.
      const isShared = flags.passwordFile !== "-";
      const processes = isShared ? (flags.processes ?? usualProcesses(flags.miners)) : 1;
      if (processes > 1) await runFleetProcesses(flags, processes);
      else await runFleetHere(plan, flags);
    });
}

function usualProcesses(miners: number): number {
  return Math.min(availableParallelism(), Math.ceil(miners / MINERS_A_PROCESS));
}
