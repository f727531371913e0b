import { readFile, stat } from "node:fs/promises";
import type { Command } from "commander";
import { journalFile, type JournalEvent } from "../app/kept/journal.js";
import { systemClock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import { findingText } from "../lib/finding.js";
import { parseRing, type ParsedRing, type RingRecord } from "../lib/ring-text.js";

interface EventsFlags {
  readonly data: string;
  readonly follow?: true;
  readonly json?: true;
}

const FOLLOW_MS = 500;
/** One line is the rest of a record that the newest was written over. */
const USUAL_DAMAGE = 1;

const HELP = `
Oldest first: states of the machine, trips, failures of chains, commands with who gave them and what
came of it, and troubles of the data directory. Needs no running controller. With --json a line each.`;

/** Adds what happened to the machine, from its data directory: events. */
export function registerEventsCommand(program: Command): void {
  program
    .command("events")
    .description("what happened to the machine, also while nobody looked")
    .requiredOption("--data <dir>", "data directory of the controller")
    .option("--follow", "go on with what happens, until interrupted")
    .option("--json", "a JSON line for each event")
    .addHelpText("after", HELP)
    .action((flags: EventsFlags) => printEvents(flags));
}

async function printEvents({ data, follow, json }: EventsFlags): Promise<void> {
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  // The reader went away, as head does.
  process.stdout.on("error", end);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  const file = journalFile(data);
  const text = json === true ? jsonText : eventText;
  let lastSeq = 0;
  const print = ({ records }: ParsedRing): void => {
    for (const record of records.filter(({ seq }) => seq > lastSeq)) {
      process.stdout.write(`${text(record)}\n`);
      lastSeq = record.seq;
    }
  };
  const first = await readRing(file);
  print(first);
  if (first.damagedLines > USUAL_DAMAGE)
    process.stderr.write(`${first.damagedLines} damaged lines in ${file} were left out\n`);
  if (follow !== true) return;
  let readAtMs = 0;
  while (!stop.signal.aborted) {
    const { mtimeMs } = await stat(file);
    if (mtimeMs !== readAtMs) print(await readRing(file));
    readAtMs = mtimeMs;
    await systemClock.sleep(FOLLOW_MS, stop.signal).catch(() => undefined); // the loop ends then
  }
}

async function readRing(file: string): Promise<ParsedRing> {
  try {
    return parseRing(await readFile(file));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MinerError("EVENTS_MISSING", { file, reason }, { cause });
  }
}

function jsonText({ seq, value }: RingRecord): string {
  return JSON.stringify({ seq, ...(value as JournalEvent) });
}

/** One line for people. */
export function eventText({ value }: Pick<RingRecord, "value">): string {
  const { atUnixMs, uptimeS, kind, what, code, context } = value as JournalEvent;
  const facts = Object.entries(context).map(([name, fact]) => `${name}=${String(fact)}`);
  const about = code === null ? facts.join(" ") : findingText({ code, context });
  const times = `${new Date(atUnixMs).toISOString()}  up ${uptimeS.toFixed(3).padStart(12)} s`;
  return `${times}  ${kind.padEnd(7)}  ${what.padEnd(10)}  ${about}`.trimEnd();
}
