import { userInfo } from "node:os";
import { Option, type Command } from "commander";
import type { FleetOutcome, Spread } from "../api/fleet/fleet-outcome.js";
import { addBrokerOptions, mqttOf, type BrokerFlags } from "./fleet-broker.js";
import { print, type JsonOption } from "./output.js";
import { positiveNumber } from "./pools-options.js";

/** A receipt takes 1.2 s at most; the rest is the broker's. */
const WAIT_S = 10;
/** Ids that are named to people; `--json` has all. */
const SHOWN_IDS = 20;

export interface FleetOrderFlags extends JsonOption, Partial<BrokerFlags> {
  readonly fleet?: string;
  readonly wait?: number;
  readonly actor?: string;
}

/** Adds the options by which an order goes to many miners and not to the one of a data directory. */
export function addFleetOrderOptions(command: Command): void {
  command
    .addOption(
      new Option(
        "--fleet <group>",
        "all miners of a group at an MQTT broker, or all, in place of --data or --host",
      ).conflicts(["data", "host", "to"]),
    )
    .option("--broker <url>", "with --fleet: mqtt://host:port or mqtts://host:port");
  addBrokerOptions(command)
    .option(
      "--wait <s>",
      `with --fleet: how long answers may take (${String(WAIT_S)})`,
      positiveNumber,
    )
    .option(
      "--actor <name>",
      "with --fleet: who orders, for the events of the miners (your user name)",
    );
}

/** Orders, and tells who obeyed. The exit status is 1 when one that was online did not. */
export async function giveFleetOrder(
  name: "curtail" | "resume",
  fleet: string,
  flags: FleetOrderFlags,
  command: Command,
): Promise<void> {
  const { broker } = flags;
  if (broker === undefined) command.error("error: option '--fleet' needs '--broker <url>'");
  // The group is a level of a topic; the schema of the configuration judges it.
  const mqtt = mqttOf({ ...flags, broker }, { groups: [fleet] });
  const { orderFleet } = await import("../api/fleet/order-fleet.js");
  const { isComplete } = await import("../api/fleet/fleet-outcome.js");
  const outcome = await orderFleet({
    ...{ mqtt, fleet, name: `mining.${name}`, actor: flags.actor ?? userInfo().username },
    waitMs: (flags.wait ?? WAIT_S) * 1000,
    onProgress: (answered, known) => {
      process.stderr.write(`${String(answered)} of ${String(known)} answered\n`);
    },
  });
  print(outcome, flags, () => outcomeText(outcome));
  if (!isComplete(outcome)) process.exitCode = 1;
}

function outcomeText(outcome: FleetOutcome): string {
  const { acknowledged, known, missing, refused, others, askedAgain, receipts, watts } = outcome;
  const { answerMs, powerOffMs } = outcome;
  const lines = [`acknowledged ${count(acknowledged)} of ${count(known)}`];
  if (answerMs) lines.push(`answers after    ${spreadText(answerMs)}`);
  if (powerOffMs) lines.push(`power off after  ${spreadText(powerOffMs)} (clocks of the miners)`);
  if (receipts.verified > 0)
    lines.push(
      `receipts         ${count(receipts.verified)} verified, ${count(receipts.without)} without`,
    );
  if (watts.before.of > 0)
    lines.push(`watts            ${wattText(watts.before)} before, ${wattText(watts.after)} after`);
  if (others > 0)
    lines.push(`others           ${count(others)} answered that were not known as online`);
  if (askedAgain > 0) lines.push(`asked again      ${count(askedAgain)}`);
  for (const { id, code, err, msg } of refused.slice(0, SHOWN_IDS))
    lines.push(`REFUSED ${id}: ${[code, err, msg].filter((each) => each !== null).join(" ")}`);
  for (const { id, reason } of receipts.bad.slice(0, SHOWN_IDS))
    lines.push(`BAD RECEIPT ${id}: ${reason}`);
  if (missing.length > 0)
    lines.push(`NO ANSWER from ${count(missing.length)}: ${idsText(missing)}`);
  return lines.join("\n");
}

function idsText(ids: readonly string[]): string {
  const more = ids.length - SHOWN_IDS;
  const shown = ids.slice(0, SHOWN_IDS).join(" ");
  return more > 0 ? `${shown} and ${count(more)} more (--json names all)` : shown;
}

function wattText({ sum, of }: FleetOutcome["watts"]["before"]): string {
  return of === 0 ? "unknown" : `${count(sum)} W (of ${count(of)})`;
}

function spreadText({ p50, p95, p99, last }: Spread): string {
  return `p50 ${count(p50)}, p95 ${count(p95)}, p99 ${count(p99)}, last ${count(last)} ms`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
