import type { Command } from "commander";
import type { EventsRead } from "../api/client/controller.js";
import type { JournalEvent } from "../app/kept/journal.js";
import { systemClock } from "../lib/clock.js";
import { findingText } from "../lib/finding.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";

interface EventsFlags {
  readonly follow?: true;
  readonly json?: true;
}

const FOLLOW_MS = 500;

const HELP = `
Oldest first: states of the machine, trips, failures of chains, commands with who gave them and what
came of it, and troubles of the data directory. With --data it needs no running controller; with --host
they are the newest thousand. With --json a line each.`;

/** Adds what happened to the machine: events. */
export function registerEventsCommand(program: Command): void {
  addControllerOptions(program.command("events"), { json: "a JSON line for each event" })
    .description("what happened to the machine, also while nobody looked")
    .option("--follow", "go on with what happens, until interrupted")
    .addHelpText("after", HELP)
    .action((flags: EventsFlags, command: Command) => printEvents(flags, command));
}

async function printEvents({ follow, json }: EventsFlags, command: Command): Promise<void> {
  const controller = controllerOf(command);
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  // The reader went away, as head does.
  process.stdout.on("error", end);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  let last = { seq: 0, atUnixMs: 0 };
  const print = ({ events }: EventsRead): void => {
    for (const event of events.filter(({ seq }) => seq > last.seq)) {
      process.stdout.write(`${json === true ? JSON.stringify(event) : eventText(event)}\n`);
      last = event;
    }
  };
  const first = await controller.events(0);
  print(first);
  if (first.damagedLines > 0)
    process.stderr.write(`${first.damagedLines} damaged lines of the file were left out\n`);
  if (follow !== true) return;
  for (;;) {
    const isOver = await systemClock.sleep(FOLLOW_MS, stop.signal).catch(() => true);
    if (isOver === true) return;
    print(await controller.events(last.atUnixMs));
  }
}

/** One line for people. */
export function eventText({ atUnixMs, uptimeS, kind, what, code, context }: JournalEvent): string {
  const facts = Object.entries(context).map(([name, fact]) => `${name}=${String(fact)}`);
  const about = code === null ? facts.join(" ") : findingText({ code, context });
  const times = `${new Date(atUnixMs).toISOString()}  up ${uptimeS.toFixed(3).padStart(12)} s`;
  return `${times}  ${kind.padEnd(7)}  ${what.padEnd(10)}  ${about}`.trimEnd();
}
