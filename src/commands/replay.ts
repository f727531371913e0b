import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { MinerError } from "../lib/errors.js";
import { createLogger } from "../lib/logger.js";
import { parseRing, type ParsedRing } from "../lib/ring-text.js";
import { programVersion } from "../lib/version.js";
import { flightParts } from "../recorder/replay/read-flight.js";
import { FlightReplay } from "../recorder/replay/replay-flight.js";
import { print, type JsonOption } from "./output.js";
import { replayText } from "./replay-text.js";

const HELP = `
FILE is the flight.ring of a data directory; its controller may run, or have died. What the safety and
the cooling knew is given to the same code once more, on a clock of its own. Exits with 0 when every
decision is the same, with 1 at a difference, or when the file cannot be read.`;

/** Decides again what a controller decided: replay FILE. */
export function registerReplayCommand(program: Command): void {
  program
    .command("replay")
    .description(
      "take the recorded decisions of a controller again, and show the first that differs",
    )
    .argument("<file>", "flight.ring of a data directory")
    .option("--json", "one JSON document")
    .addHelpText("after", HELP)
    .action(async (file: string, flags: JsonOption) => {
      const replay = new FlightReplay(programVersion(), createLogger("silent"));
      for (const part of flightParts(await readRecording(file))) await replay.take(part);
      const report = await replay.report();
      if (report.sessions === 0) throw new MinerError("RECORDING_MISSING", { file, records: 0 });
      print(report, flags, () => replayText(report));
      if (!report.isSame) process.exitCode = 1;
    });
}

async function readRecording(file: string): Promise<ParsedRing> {
  try {
    return parseRing(await readFile(file));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MinerError("RECORDING_MISSING", { file, reason }, { cause });
  }
}
