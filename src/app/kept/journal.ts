import { uptime } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../lib/clock.js";
import type { ErrorCode, ErrorContext, MinerError } from "../../lib/errors.js";
import { EventRing } from "../../lib/event-ring.js";
import { TypedEmitter } from "../../lib/events.js";
import type { Finding } from "../../lib/finding.js";
import type { TripRecord } from "../../safety/trip.js";
import type { MachineState } from "../life-cycle/machine-state.js";

/** Some 2,500 events: weeks of a machine that runs, two hours of one that fails as often as it is tried. */
const BYTES = 512 * 1024;
/** Told before an interface hears: a start tells some ten. */
const MOST_UNHEARD = 100;
/** Of one fact: what an operating system or a pool says may be long. */
const MAX_TEXT = 300;

export type EventKind = "program" | "state" | "trip" | "chain" | "command" | "data" | "update";

/** Something that happened to the machine, as it is kept. */
export interface JournalEvent {
  readonly atUnixMs: number;
  /** Of the computer; it does not jump when the wall clock is set. */
  readonly uptimeS: number;
  readonly kind: EventKind;
  /** The new state, the command, what became of a trip. */
  readonly what: string;
  /** Of the table of errors; null when nothing is wrong. */
  readonly code: ErrorCode | null;
  readonly context: ErrorContext;
}

export interface JournalOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /** What EventRing tells. */
  readonly onTrouble: (error: MinerError) => void;
  /** Of the computer. */
  readonly uptimeS?: () => number;
}

export function journalFile(dataDir: string): string {
  return join(dataDir, "events.ring");
}

/** Events that outlive the process: the newest, in a file that does not grow. */
export class Journal {
  readonly events = new TypedEmitter<{ added: [event: JournalEvent] }>();
  readonly #clock: Clock;
  readonly #uptimeS: () => number;
  readonly #ring: EventRing;
  #unheard: JournalEvent[] = [];
  /** Hears of commands too. */
  onCommand: (what: string, facts: ErrorContext, error: Finding | undefined) => void = () =>
    undefined;

  private constructor({ clock, uptimeS = uptime }: JournalOptions, ring: EventRing) {
    this.#clock = clock;
    this.#uptimeS = uptimeS;
    this.#ring = ring;
  }

  /** Never fails: without a file it is tried again. */
  static async open(options: JournalOptions): Promise<Journal> {
    const { dataDir, clock, onTrouble } = options;
    const path = journalFile(dataDir);
    return new Journal(options, await EventRing.open({ path, bytes: BYTES, clock, onTrouble }));
  }

  program(what: "started" | "stopped", facts: ErrorContext): void {
    this.#add("program", what, { code: null, context: facts });
  }

  state(state: MachineState, before: string): void {
    const { code, context } = state.is === "fault" ? state.error : NOTHING_WRONG;
    this.#add("state", state.is, { code, context: { ...context, before } });
  }

  trip({ id, action, slot, by, code, context, cleared }: TripRecord): void {
    const what = cleared === null ? action : "cleared";
    this.#add("trip", what, { code, context: { ...context, slot, by: cleared?.by ?? by, id } });
  }

  /** A chain does not do what it should. */
  chain(slot: number, { code, context }: Finding): void {
    this.#add("chain", "failed", { code, context: { ...context, slot } });
  }

  /** `by`: on which way it came; `error`: why it was refused. */
  command(what: string, by: string, facts: ErrorContext, error?: Finding): void {
    this.onCommand(what, facts, error);
    const context = {
      ...error?.context,
      ...facts,
      by,
      result: error === undefined ? "done" : "refused",
    };
    this.#add("command", what, { code: error?.code ?? null, context });
  }

  /** About a new version of the program. */
  update(what: string, facts: ErrorContext, error?: Finding): void {
    this.#add("update", what, { code: error?.code ?? null, context: facts });
  }

  /** About the data directory. */
  data(what: "trouble" | "well", error: Finding): void {
    this.#add("data", what, error);
  }

  /** What this process told before anybody heard it, the oldest first, once: the machine starts before its interfaces. */
  takeUnheard(): readonly JournalEvent[] {
    return this.#unheard.splice(0);
  }

  /** For the last moment of a process. */
  writeNow(): void {
    this.#ring.writeNow();
  }

  /** Resolves when all is durable, or with false when the disk does not take it. */
  flush(): Promise<boolean> {
    return this.#ring.flush();
  }

  close(): Promise<void> {
    return this.#ring.close();
  }

  #add(kind: EventKind, what: string, { code, context }: Omit<Finding, "code"> & Code): void {
    const event: JournalEvent = {
      atUnixMs: this.#clock.unixMs(),
      uptimeS: Math.round(this.#uptimeS() * 1000) / 1000,
      ...{ kind, what, code, context: shortened(context) },
    };
    // States that follow one another by themselves need not be known to the last.
    this.#ring.append(event, code !== null || kind === "command" || kind === "trip");
    if (this.events.isHeard("added")) this.events.emit("added", event);
    else if (this.#unheard.length < MOST_UNHEARD) this.#unheard.push(event);
  }
}

interface Code {
  readonly code: ErrorCode | null;
}

const NOTHING_WRONG = { code: null, context: {} };

function shortened(context: ErrorContext): ErrorContext {
  return Object.fromEntries(
    Object.entries(context).map(([name, fact]) => [
      name,
      typeof fact === "string" && fact.length > MAX_TEXT ? `${fact.slice(0, MAX_TEXT)}...` : fact,
    ]),
  );
}
