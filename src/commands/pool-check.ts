import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Argument, type Command, Option } from "commander";
import { networkByName } from "../bitcoin/network.js";
import { MinerError } from "../lib/errors.js";
import {
  checkTranscript,
  formatCheckLine,
  type TranscriptItem,
  type UnusableLine,
} from "../pool/transcript/check-transcript.js";
import type { UnreadableLine } from "../pool/transcript/transcript-lines.js";
import { reportFailure } from "./output.js";

interface CheckOptions {
  readonly network: "mainnet" | "virtual";
  readonly json?: true;
}

const TRANSCRIPT_HELP = `
A transcript is text, a line a message: SECONDS > JSON (miner to pool), SECONDS < JSON (pool to
miner); a line that begins with # is a comment. Each mining.submit gets a verdict by what the lines
before it say; what the pool answered stands beside it. Lines that cannot be read are named on
standard error, and the exit status is 1.`;

/** A file that is no transcript at all is not repeated line by line. */
const MAX_NAMED_LINES = 20;

/** Adds the bench tool for recorded pool connections: pool check. */
export function registerPoolCheckCommand(program: Command): void {
  program
    .command("pool")
    .description("bench tools for recorded Stratum V1 connections")
    .command("check")
    .description("judge every share of a transcript by itself; totals at the end")
    .addArgument(new Argument("[file]", "transcript; standard input when missing"))
    .addOption(
      new Option("--network <name>", "what difficulty 1 means")
        .choices(["mainnet", "virtual"])
        .default("mainnet"),
    )
    .option("--json", "one JSON document a line")
    .addHelpText("after", TRANSCRIPT_HELP)
    .action(async (file: string | undefined, options: CheckOptions) => {
      const isJson = options.json === true;
      const items = checkTranscript(readBytes(file), networkByName(options.network));
      try {
        await pipeline(outputLines(items, isJson), process.stdout, { end: false });
      } catch (error) {
        // The reader went away, as head does.
        if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
      }
    });
}

/** Throws CAPTURE_UNREADABLE when the file cannot be read. */
async function* readBytes(file: string | undefined): AsyncGenerator<Uint8Array> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  try {
    for await (const chunk of input) yield chunk as Uint8Array;
  } catch (cause) {
    throw new MinerError("CAPTURE_UNREADABLE", { file: file ?? "-" }, { cause });
  }
}

async function* outputLines(
  items: AsyncIterable<TranscriptItem>,
  isJson: boolean,
): AsyncGenerator<string> {
  let named = 0;
  for await (const item of items) {
    if ("expected" in item) process.exitCode = 1;
    if ("expected" in item || "unusable" in item) {
      if (++named <= MAX_NAMED_LINES) nameLine(item, isJson);
    } else yield `${isJson ? JSON.stringify(item) : formatCheckLine(item)}\n`;
  }
}

/** On standard error; the totals count those that are not named. */
function nameLine(item: UnreadableLine | UnusableLine, isJson: boolean): void {
  if ("expected" in item) {
    reportFailure(new MinerError("CAPTURE_INVALID", { ...item }), isJson);
    return;
  }
  const error = new MinerError("POOL_PROTOCOL", { line: item.line, what: item.unusable });
  const { code, context } = error;
  process.stderr.write(
    `${isJson ? JSON.stringify({ warning: { code, context } }) : error.message}\n`,
  );
}
