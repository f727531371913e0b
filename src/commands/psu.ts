import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { Argument, type Command } from "commander";
import { type DecodedPiece, decodeRecording } from "../drivers/psu/decode/decode-recording.js";
import { readRecording } from "../drivers/psu/decode/read-recording.js";
import { SupplyModel } from "../drivers/psu/decode/supply-model.js";
import { MinerError } from "../lib/errors.js";
import { print, reportFailure } from "./output.js";

interface DecodeOptions {
  readonly model: string;
  readonly json?: true;
}

const FILE_HELP = `
FILE holds bytes of the supply's data line: binary, hex text, or a capture (SECONDS > HEX to the
supply, SECONDS < HEX from it; # starts a comment), as frames, in parts, or byte by byte with their
registers. 32 bytes without a frame are taken for a calibration block. The exit status is 1 when
nothing in it is understood.`;

/** Adds the bench tool for power supplies: psu decode. */
export function registerPsuCommands(program: Command): void {
  program
    .command("psu")
    .description("bench tools for power supplies")
    .command("decode")
    .description("tell what bytes of a supply's data line mean, and what of it is not known")
    .addArgument(new Argument("[file]", "recording; standard input when missing or -"))
    .requiredOption("--model <name>", "supply of headframe boards list, or a type code like 0x71")
    .option("--json", "one JSON document")
    .addHelpText("after", FILE_HELP)
    .action(async (file: string | undefined, options: DecodeOptions) => {
      const model = new SupplyModel(options.model);
      const items = decodeRecording(readRecording(await contentOf(file)), model);
      const totals = totalsOf(items);
      const document = { model: model.name, types: model.types, items, totals };
      print(document, options, () => [...items.map(textOf), totalText(totals)].join("\n"));
      if (totals.frames + totals.calibrations + totals.notReady > 0) return;
      const expected = "frames of a supply, or a calibration block";
      const error = new MinerError("CAPTURE_INVALID", { file: file ?? "-", expected });
      reportFailure(error, options.json === true);
    });
}

async function contentOf(file: string | undefined): Promise<Uint8Array> {
  try {
    return file === undefined || file === "-" ? await buffer(process.stdin) : await readFile(file);
  } catch (cause) {
    throw new MinerError("CAPTURE_UNREADABLE", { file: file ?? "-" }, { cause });
  }
}

interface Totals {
  readonly frames: number;
  readonly badFrames: number;
  /** Times that the supply sent F5 instead of a reply. */
  readonly notReady: number;
  readonly calibrations: number;
  readonly garbageBytes: number;
}

function totalsOf(items: readonly DecodedPiece[]): Totals {
  const count = (kind: DecodedPiece["kind"]): number =>
    items.filter((item) => item.kind === kind).length;
  const garbage = items.filter(({ kind }) => kind === "garbage" || kind === "badCalibration");
  return {
    frames: count("frame"),
    badFrames: count("badFrame"),
    notReady: count("notReady"),
    calibrations: count("calibration"),
    garbageBytes: garbage.reduce((sum, { hex }) => sum + hex.length / 2, 0),
  };
}

function textOf(item: DecodedPiece): string {
  const { t, dir, hex, meaning, role, version, values = {}, remarks = [], unknown = [] } = item;
  const place = [t?.toFixed(6), dir, hex].filter((part) => part !== undefined).join(" ");
  const kind = role === undefined ? "" : `, ${ROLE_TEXT[role]}, version ${version ?? "?"}`;
  const shown = Object.entries(values)
    .filter(([name]) => name !== "points")
    .map(([name, value]) => `${name} ${valueText(name, value)}`)
    .join(", ");
  const points = Array.isArray(values["points"]) ? (values["points"] as unknown[]) : [];
  return [
    place,
    `  ${meaning}${kind}${shown === "" ? "" : `: ${shown}`}`,
    ...points.map((point) => `    ${pointText(point)}`),
    ...remarks.map((text) => `  ! ${text}`),
    ...unknown.map((text) => `  not known: ${text}`),
  ].join("\n");
}

const ROLE_TEXT = { request: "request", reply: "reply", requestOrEcho: "request or echo" } as const;

function pointText(point: unknown): string {
  return Object.entries(point as Record<string, number>)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** Millivolts as volts too: that is what a meter shows. */
function valueText(name: string, value: unknown): string {
  if (name === "railMv" && typeof value === "number")
    return `${value} (${(value / 1000).toFixed(3)} V)`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function totalText(totals: Totals): string {
  const { frames, badFrames, notReady, calibrations, garbageBytes } = totals;
  const all = { frames, damaged: badFrames, "not ready": notReady, "other bytes": garbageBytes };
  const counted = Object.entries({ ...all, "calibration blocks": calibrations });
  return counted.map(([name, count]) => `${name} ${count}`).join(", ");
}
