import { InvalidArgumentError, type Command } from "commander";
import { systemClock } from "../lib/clock.js";
import { FIGURE_NAMES, FIGURES, type FigureName } from "../telemetry/figures.js";
import type { MinuteRecord, SecondRecord } from "../telemetry/history-records.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, table, type JsonOption } from "./output.js";

interface HistoryFlags extends JsonOption {
  readonly minutes?: number;
  readonly days?: number;
}

const DEFAULT_MINUTES = 30;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const HEADS: Readonly<Record<FigureName, string>> = {
  hashrateThs: "TH/s",
  powerW: "W",
  efficiencyJPerTh: "J/TH",
  hottestC: "C",
  fanDutyPct: "fan %",
  slowestFanRpm: "rpm",
  accepted: "accepted",
  rejected: "rejected",
  stale: "stale",
  uptimeS: "up s",
};

const HELP = `
Oldest first: a line a second of the last half hour, or with --days a line a minute of the last week, as
the mean and, where they differ, what was least and most. Watts with a ~ are estimated. Shares are
counted over the life of the machine. With --data it needs no running controller.`;

/** Adds what the machine did: history. */
export function registerHistoryCommand(program: Command): void {
  addControllerOptions(program.command("history"))
    .description("hash rate, watts, temperatures, fans and shares of the last days")
    .option("--minutes <n>", "seconds of the last minutes, up to 30", positive)
    .option("--days <n>", "minutes of the last days, up to 7", positive)
    .addHelpText("after", HELP)
    .action(printHistory);
}

async function printHistory(
  { minutes, days, ...flags }: HistoryFlags,
  command: Command,
): Promise<void> {
  const controller = controllerOf(command);
  const now = systemClock.unixMs();
  if (days !== undefined) {
    const shown = await controller.minutes(now - days * DAY_MS);
    const diskBytesADay = bytesADay(shown);
    print({ minutes: shown, diskBytesADay }, flags, () => minutesText(shown, diskBytesADay));
    return;
  }
  const shown = await controller.seconds(now - (minutes ?? DEFAULT_MINUTES) * MINUTE_MS);
  print({ seconds: shown }, flags, () => secondsText(shown));
}

/** What the program makes the disk write in a day; null when nothing was counted. */
export function bytesADay(records: readonly MinuteRecord[]): number | null {
  let bytes = 0;
  let seconds = 0;
  for (const { writtenBytes, seconds: length } of records) {
    if (writtenBytes === null) continue;
    bytes += writtenBytes;
    seconds += length;
  }
  return seconds === 0 ? null : Math.round((bytes / seconds) * (DAY_MS / 1000));
}

function secondsText(records: readonly SecondRecord[]): string {
  return linesOf(records, ({ figures }, name) => valueText(figures[name], name));
}

/** A line a minute, and what the disk had to write. */
export function minutesText(records: readonly MinuteRecord[], diskBytes: number | null): string {
  const lines = linesOf(records, ({ figures }, name) => {
    const spread = figures[name];
    if (spread === null) return "-";
    const { mean, min, max } = spread;
    const text = valueText(mean, name);
    return min === max ? text : `${text} (${valueText(min, name)} to ${valueText(max, name)})`;
  });
  if (diskBytes === null) return lines;
  return `${lines}\nthe disk writes ${(diskBytes / 1e6).toFixed(1)} MB a day for the controller`;
}

function linesOf<Kept extends SecondRecord | MinuteRecord>(
  records: readonly Kept[],
  cell: (record: Kept, name: FigureName) => string,
): string {
  return table([
    ["time", "state", ...FIGURE_NAMES.map((name) => HEADS[name])],
    ...records.map((record) => [
      new Date(record.atUnixMs).toISOString(),
      record.state,
      ...FIGURE_NAMES.map((name) => {
        const text = cell(record, name);
        return name === "powerW" && record.powerEvidence === "estimated" ? `~${text}` : text;
      }),
    ]),
  ]);
}

function valueText(value: number | null, name: FigureName): string {
  return value === null ? "-" : value.toFixed(FIGURES[name]);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("Expected a number above 0.");
  return value;
}
