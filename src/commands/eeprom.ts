import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { Command } from "commander";
import { decodeEeprom } from "../drivers/eeprom/decode-eeprom.js";
import { describeEeprom } from "../drivers/eeprom/describe-eeprom.js";
import { bytesOfDumpFile } from "../drivers/eeprom/dump-file.js";
import { MinerError } from "../lib/errors.js";
import { type JsonOption, print, reportFailure } from "./output.js";

const DUMP_HELP = `
FILE holds the 256 bytes of a hashboard's AT24C02: as they are, as hex, or as i2cdump or the log of the
stock firmware print them. Formats 1 to 5 are read; every known key is tried, and what comes out must
fit its CRC5 and look like a hashboard. The exit status is 1 when it does not; what was found is
printed all the same.`;

/** Adds the bench tool for the memories of hashboards: eeprom decode. It reads files only. */
export function registerEepromCommand(program: Command): void {
  program
    .command("eeprom")
    .description("bench tools for the identity memories of hashboards")
    .command("decode")
    .description("print what a memory says, region by region, and what is not known about it")
    .argument("<file>", "memory as hex or bytes; - for standard input")
    .option("--json", "one JSON document")
    .addHelpText("after", DUMP_HELP)
    .action(decode);
}

async function decode(file: string, options: JsonOption): Promise<void> {
  const bytes = bytesOfDumpFile(await contentOf(file));
  if (bytes === undefined)
    throw new MinerError("CAPTURE_INVALID", { file, expected: "256 bytes, or hex" });
  const report = decodeEeprom(bytes);
  print(report, options, () => describeEeprom(report));
  const { content } = report;
  if (content.is === "identity") return;
  const error =
    content.is === "blank"
      ? new MinerError("EEPROM_BLANK", { file })
      : new MinerError("EEPROM_UNKNOWN", { file, header: content.header, reason: content.reason });
  reportFailure(error, options.json === true);
}

/** @throws CAPTURE_UNREADABLE */
async function contentOf(file: string): Promise<Uint8Array> {
  try {
    return file === "-" ? await buffer(process.stdin) : await readFile(file);
  } catch (cause) {
    throw new MinerError("CAPTURE_UNREADABLE", { file }, { cause });
  }
}
