import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../../../src/lib/logger.js";
import type { FlightEntry, FlightRecord } from "../../../src/recorder/flight-entry.js";
import { FlightRecorder } from "../../../src/recorder/flight-recorder.js";
import { flightParts } from "../../../src/recorder/replay/read-flight.js";
import { FlightReplay } from "../../../src/recorder/replay/replay-flight.js";
import type { ReplayReport } from "../../../src/recorder/replay/replay-outcome.js";
import { MachineRig } from "../../property/machine/machine-rig.js";

/** A machine on a manual clock whose controllers record. */
export class RecordedRig {
  readonly rig: MachineRig;
  readonly #dir = mkdtempSync(join(tmpdir(), "headframe-recorded-"));
  readonly #lines: string[] = [];
  #sessions = 0;

  constructor(machineName: string, seed: number) {
    this.rig = new MachineRig({
      ...{ dir: join(this.#dir, "machine"), machineName, seed, log: createLogger("silent") },
      record: (clock) =>
        new FlightRecorder({
          ...{ machine: machineName, version: "then", clock },
          session: String((this.#sessions += 1)),
          sink: {
            append: (record) => {
              this.#lines.push(JSON.stringify(record));
            },
          },
          onTrouble: (error) => {
            throw error;
          },
        }),
    });
  }

  /** What was recorded so far. */
  get records(): readonly FlightRecord[] {
    return this.#lines.map((line) => JSON.parse(line) as FlightRecord);
  }

  stop(): void {
    this.rig.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** Takes the decisions of a recording again. */
export async function replayed(records: readonly unknown[], firstSeq = 1): Promise<ReplayReport> {
  const replay = new FlightReplay("now", createLogger("silent"));
  const numbered = records.flatMap((value, at) =>
    value === undefined ? [] : [{ seq: firstSeq + at, value, endByte: 0 }],
  );
  for (const part of flightParts({ records: numbered })) await replay.take(part);
  return await replay.report();
}

/** The same recording with each entry changed. */
export function withEntries(
  records: readonly FlightRecord[],
  change: (entry: FlightEntry) => FlightEntry,
): readonly FlightRecord[] {
  return records.map((record) => ({ ...record, entries: record.entries.map(change) }));
}
