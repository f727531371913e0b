import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../lib/clock.js";
import type { ErrorContext, MinerError } from "../lib/errors.js";
import type { Finding } from "../lib/finding.js";
import type { HealthFacts } from "./health-gate.js";
import type { UpdateConfig } from "./update-config.js";

/** What an update needs of the program around it. */
export interface UpdateParts {
  readonly config: UpdateConfig;
  readonly dataDir: string;
  /** Name of the control board's file. */
  readonly board: string;
  /** Of this program; what the slot is known to hold goes before. */
  readonly version: string;
  readonly health: () => HealthFacts;
  /** Power off, then the control board starts anew. Throws REBOOT_UNAVAILABLE */
  readonly reboot: () => void;
  /** Writes down what happened. */
  readonly tell: (what: string, facts: ErrorContext, error?: Finding) => void;
  readonly onTrouble: (error: MinerError) => void;
  readonly clock: Clock;
  /** Others for tests. */
  readonly fetch?: typeof fetch;
  readonly freeBytes?: (dir: string) => Promise<number>;
  readonly openSlot?: (path: string, flags: number) => Promise<FileHandle>;
}

/** Below the data directory. */
export function updateDir(dataDir: string): string {
  return join(dataDir, "update");
}
