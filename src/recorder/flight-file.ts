import { join } from "node:path";
import type { Config } from "../app/config.js";
import type { Journal } from "../app/kept/journal.js";
import type { Clock } from "../lib/clock.js";
import { EventRing } from "../lib/event-ring.js";
import { findingOf, findingText } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import { programVersion } from "../lib/version.js";
import type { MinerError } from "../lib/errors.js";
import { FlightRecorder } from "./flight-recorder.js";

/** Three quarters of an hour or more of a machine with three chains: docs/adr/0021-flight-recorder.md. */
const BYTES = 10 * 1024 * 1024;
/** A process that dies loses nothing of what was written; a loss of power may cost the last minute, never a trip. */
const SYNC_MS = 60_000;

export interface FlightFileOptions {
  readonly dataDir: string;
  readonly config: Pick<Config, "machineSpec">;
  /** Where commands are heard of. */
  readonly journal: Pick<Journal, "onCommand">;
  readonly clock: Clock;
  readonly log: Logger;
  /** What EventRing tells. */
  readonly onTrouble: (error: MinerError) => void;
}

/** The recorder of this process, and its end. */
export interface FlightFile {
  readonly recorder: FlightRecorder;
  close(): Promise<void>;
}

/** Goes on with what earlier processes recorded. Never fails: without a file nothing is recorded. */
export async function openFlight(options: FlightFileOptions): Promise<FlightFile> {
  const { dataDir, config, journal, clock, log, onTrouble } = options;
  const path = join(dataDir, "flight.ring");
  const ring = await EventRing.open({ path, bytes: BYTES, syncMs: SYNC_MS, clock, onTrouble });
  let isTold = false;
  const recorder = new FlightRecorder({
    ...{ sink: ring, machine: config.machineSpec.name, version: programVersion(), clock },
    session: `${String(clock.unixMs())}.${String(process.pid)}`,
    onTrouble: (error) => {
      if (!isTold) log.error({ error: findingText(findingOf(error)) }, "not recorded");
      isTold = true;
    },
  });
  journal.onCommand = recorder.command.bind(recorder);
  const writeNow = (): void => {
    recorder.writeNow();
    ring.writeNow();
  };
  process.once("exit", writeNow);
  return {
    recorder,
    close: async () => {
      process.off("exit", writeNow);
      recorder.writeNow();
      await ring.close();
    },
  };
}
