import { stat } from "node:fs/promises";
import { journalFile, type JournalEvent } from "../../app/kept/journal.js";
import type { ListedEvent } from "../../app/log-commands.js";
import { MinerError } from "../../lib/errors.js";
import { readRing } from "../../lib/ring-file.js";
import { readMinutes, readSeconds } from "../../telemetry/history-files.js";
import type { MinuteRecord, SecondRecord } from "../../telemetry/history-records.js";
import { askController } from "../control/control-client.js";
import type { Controller, EventsRead, Params } from "./controller.js";

/** One line is the rest of a record that the newest was written over. */
const USUAL_DAMAGE = 1;

/** The controller of a data directory of this computer: what was is in its files, whether it runs or not. */
export class LocalController implements Controller {
  readonly #dataDir: string;
  /** As the file was when it was read last. */
  #read: EventsRead & { readonly mtimeMs: number } = { events: [], damagedLines: 0, mtimeMs: -1 };

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  ask(command: string, params?: Params, timeoutMs?: number): Promise<unknown> {
    return askController(this.#dataDir, command, params, timeoutMs);
  }

  async events(sinceUnixMs: number): Promise<EventsRead> {
    const file = journalFile(this.#dataDir);
    try {
      const { mtimeMs } = await stat(file);
      if (mtimeMs !== this.#read.mtimeMs) this.#read = { ...(await readJournal(file)), mtimeMs };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MinerError("EVENTS_MISSING", { file, reason }, { cause });
    }
    const { events, damagedLines } = this.#read;
    return { events: events.filter(({ atUnixMs }) => atUnixMs >= sinceUnixMs), damagedLines };
  }

  seconds(sinceUnixMs: number): Promise<readonly SecondRecord[]> {
    return readSeconds(this.#dataDir, { sinceUnixMs });
  }

  minutes(sinceUnixMs: number): Promise<readonly MinuteRecord[]> {
    return readMinutes(this.#dataDir, { sinceUnixMs });
  }
}

async function readJournal(file: string): Promise<EventsRead> {
  const pick = (value: unknown, seq: number): ListedEvent => ({ seq, ...(value as JournalEvent) });
  const { kept: events, damagedLines } = await readRing(file, { pick });
  return { events, damagedLines: Math.max(0, damagedLines - USUAL_DAMAGE) };
}
