import type { Clock } from "../lib/clock.js";
import type { FlightEntry, FlightRecord } from "./flight-entry.js";

/** Entries wait so long for others: a record of the ring costs some 40 bytes by itself. A crash costs as much. */
const GATHER_MS = 250;
const MOST_ENTRIES = 200;

/** Where records go; an EventRing is one. */
export interface FlightSink {
  append(record: FlightRecord, isUrgent: boolean): void;
}

export interface FlightLogOptions {
  readonly sink: FlightSink;
  readonly session: string;
  readonly clock: Clock;
  /** Nothing that is recorded may harm what it records. */
  readonly onTrouble: (error: unknown) => void;
}

/** Gathers entries into records. */
export class FlightLog {
  readonly #options: FlightLogOptions;
  #entries: FlightEntry[] = [];
  #cancel: (() => void) | undefined;

  constructor(options: FlightLogOptions) {
    this.#options = options;
  }

  add(entry: FlightEntry, isUrgent = false): void {
    this.#entries.push(entry);
    if (isUrgent || this.#entries.length >= MOST_ENTRIES) this.write(isUrgent);
    else
      this.#cancel ??= this.#options.clock.after(GATHER_MS, () => {
        this.write(false);
      });
  }

  /** Gives the sink what is there. */
  write(isUrgent: boolean): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    const { sink, session } = this.#options;
    this.safely(() => {
      sink.append({ session, entries }, isUrgent);
    });
  }

  /** For whatever is done on behalf of the record, in the middle of something that matters. */
  safely(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.onTrouble(error);
    }
  }
}
