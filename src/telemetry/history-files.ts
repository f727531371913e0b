import { join } from "node:path";
import { MinerError } from "../lib/errors.js";
import { readRing } from "../lib/ring-file.js";
import {
  atOf,
  unpackMinute,
  unpackSecond,
  type MinuteRecord,
  type SecondRecord,
} from "./history-records.js";

/** Half an hour of seconds of up to 200 bytes. */
export const SECONDS = { file: "seconds.ring", bytes: 1800 * 200 };
/** A week of minutes of up to 240 bytes; some 190 are usual. */
export const MINUTES = { file: "minutes.ring", bytes: 7 * 24 * 60 * 240 };

/** Of the whole file when left out. */
export interface HistoryRange {
  readonly sinceUnixMs?: number | undefined;
  readonly untilUnixMs?: number | undefined;
  /** The newest of those. */
  readonly last?: number | undefined;
}

/** Oldest first; needs no running controller. Rejects with HISTORY_MISSING */
export function readSeconds(
  dataDir: string,
  range: HistoryRange = {},
): Promise<readonly SecondRecord[]> {
  return read(join(dataDir, SECONDS.file), unpackSecond, range);
}

/** Oldest first; needs no running controller. Rejects with HISTORY_MISSING */
export function readMinutes(
  dataDir: string,
  range: HistoryRange = {},
): Promise<readonly MinuteRecord[]> {
  return read(join(dataDir, MINUTES.file), unpackMinute, range);
}

async function read<Kept>(
  file: string,
  unpack: (plain: unknown) => Kept | undefined,
  { sinceUnixMs = 0, untilUnixMs = Infinity, last }: HistoryRange,
): Promise<readonly Kept[]> {
  const pick = (plain: unknown): Kept | undefined => {
    const atUnixMs = atOf(plain);
    return atUnixMs >= sinceUnixMs && atUnixMs <= untilUnixMs ? unpack(plain) : undefined;
  };
  try {
    return (await readRing(file, { pick, last })).kept;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MinerError("HISTORY_MISSING", { file, reason }, { cause });
  }
}
