import * as z from "zod/mini";
import type { LogRing } from "../lib/log-ring.js";
import { readRing } from "../lib/ring-file.js";
import type { JournalEvent } from "./kept/journal.js";

const MOST = 1000;
const USUAL = 100;

const Last = z.optional(z.int().check(z.minimum(1), z.maximum(MOST)));
const Since = z.optional(z.number());

/** As pino counts them. Documented: its API. */
const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
type Level = keyof typeof LEVELS;

export const LogWish = z.strictObject({
  last: Last,
  sinceUnixMs: Since,
  /** And what is worse. */
  level: z.optional(z.enum(["debug", "info", "warn", "error"])),
});

export const EventWish = z.strictObject({
  last: Last,
  sinceUnixMs: Since,
  /** Only those with a code: something is wrong. */
  code: z.optional(z.boolean()),
});

/** A line of the log. */
export interface LogLine {
  readonly atUnixMs: number;
  readonly level: Level;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface ListedEvent extends JournalEvent {
  readonly seq: number;
}

export interface LogCommandParts {
  readonly lines: Pick<LogRing, "lines">;
  readonly events: {
    readonly file: string;
    /** Writes what waits. */
    readonly flush: () => Promise<unknown>;
  };
}

/** The commands about what was: the log of this process, and the events of all. */
export class LogCommands {
  readonly #parts: LogCommandParts;

  constructor(parts: LogCommandParts) {
    this.#parts = parts;
  }

  /** Oldest first. */
  logs({ last = USUAL, sinceUnixMs = 0, level = "debug" }: z.infer<typeof LogWish>): {
    readonly lines: readonly LogLine[];
  } {
    const isWanted = (line: LogLine): boolean =>
      LEVELS[line.level] >= LEVELS[level] && line.atUnixMs >= sinceUnixMs;
    return { lines: this.all().filter(isWanted).slice(-last) };
  }

  /** All lines that there are. */
  all(): readonly LogLine[] {
    return this.#parts.lines.lines.map(logLine);
  }

  /** Oldest first. */
  async events({
    last = USUAL,
    sinceUnixMs = 0,
    code = false,
  }: z.infer<typeof EventWish>): Promise<{
    readonly events: readonly ListedEvent[];
  }> {
    const { file, flush } = this.#parts.events;
    await flush();
    const pick = (value: unknown, seq: number): ListedEvent | undefined => {
      const event = value as JournalEvent;
      const isWanted = event.atUnixMs >= sinceUnixMs && (!code || event.code !== null);
      return isWanted ? { seq, ...event } : undefined;
    };
    return { events: (await readRing(file, { pick, last })).kept };
  }
}

/** A line as pino writes it. */
function logLine(text: string): LogLine {
  const { time, level, msg, ...facts } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const names = Object.keys(LEVELS) as Level[];
  const name = names.findLast((each) => LEVELS[each] <= Number(level)) ?? "debug";
  return {
    atUnixMs: Number(time),
    level: name,
    message: typeof msg === "string" ? msg : "",
    facts,
  };
}
