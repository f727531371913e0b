import type { ListedEvent } from "../../app/log-commands.js";
import type { MinuteRecord, SecondRecord } from "../../telemetry/history-records.js";

export type Params = Readonly<Record<string, unknown>>;

/** Events, and how many lines of their file cannot be read. */
export interface EventsRead {
  /** Oldest first. */
  readonly events: readonly ListedEvent[];
  readonly damagedLines: number;
}

/** A controller as commands see it, wherever it runs. */
export interface Controller {
  /**
   * Gives a command to its desk; `timeoutMs` is for those that take their time.
   * Rejects with CONTROL_UNREACHABLE or HOST_UNREACHABLE when nobody answers, and what the desk refuses with
   */
  ask(command: string, params?: Params, timeoutMs?: number): Promise<unknown>;
  /** What was written down of the machine. Rejects with EVENTS_MISSING */
  events(sinceUnixMs: number): Promise<EventsRead>;
  /** Figures of the last half hour, oldest first. Rejects with HISTORY_MISSING */
  seconds(sinceUnixMs: number): Promise<readonly SecondRecord[]>;
  /** Figures of the last week, oldest first. Rejects with HISTORY_MISSING */
  minutes(sinceUnixMs: number): Promise<readonly MinuteRecord[]>;
}
