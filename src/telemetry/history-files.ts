import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MinerError } from "../lib/errors.js";
import { parseRing } from "../lib/ring-text.js";
import {
  unpackMinute,
  unpackSecond,
  type MinuteRecord,
  type SecondRecord,
} from "./history-records.js";

/** Half an hour of seconds of up to 200 bytes. */
export const SECONDS = { file: "seconds.ring", bytes: 1800 * 200 };
/** A week of minutes of up to 240 bytes; some 190 are usual. */
export const MINUTES = { file: "minutes.ring", bytes: 7 * 24 * 60 * 240 };

/** Oldest first; needs no running controller. @throws HISTORY_MISSING */
export function readSeconds(dataDir: string): Promise<readonly SecondRecord[]> {
  return read(join(dataDir, SECONDS.file), unpackSecond);
}

/** Oldest first; needs no running controller. @throws HISTORY_MISSING */
export function readMinutes(dataDir: string): Promise<readonly MinuteRecord[]> {
  return read(join(dataDir, MINUTES.file), unpackMinute);
}

async function read<Kept>(
  file: string,
  unpack: (plain: unknown) => Kept | undefined,
): Promise<readonly Kept[]> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MinerError("HISTORY_MISSING", { file, reason }, { cause });
  });
  return parseRing(bytes).records.flatMap(({ value }) => unpack(value) ?? []);
}
