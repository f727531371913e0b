import { readMinutes } from "../../telemetry/history-files.js";
import type { MinuteRecord } from "../../telemetry/history-records.js";
import { ghs } from "../cgminer/fields.js";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Inferred: as many points as a page shows well. */
const STEP_MINUTES = 10;
const GHS_PER_THS = 1000;

/**
 * The hash rate of the last day.
 * Rejects with HISTORY_MISSING
 */
export async function chartSection(dataDir: string, nowUnixMs: number): Promise<readonly object[]> {
  return [chartOf(await readMinutes(dataDir, { sinceUnixMs: nowUnixMs - DAY_MS }), nowUnixMs)];
}

export function chartOf(
  minutes: readonly Pick<MinuteRecord, "atUnixMs" | "figures">[],
  nowUnixMs: number,
): object {
  const points = minutes
    .filter(({ atUnixMs }) => nowUnixMs - atUnixMs < DAY_MS)
    .filter((_, index, all) => (all.length - 1 - index) % STEP_MINUTES === 0)
    .map(({ atUnixMs, figures }) => ({ atUnixMs, ths: figures.hashrateThs?.mean ?? 0 }));
  return {
    unit: "GH/s",
    xAxis: points.map(({ atUnixMs }) => new Date(atUnixMs).toISOString().slice(11, 16)),
    series: [{ name: "total", data: points.map(({ ths }) => ghs(ths * GHS_PER_THS)) }],
  };
}
