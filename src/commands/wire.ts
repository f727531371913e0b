import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Argument, type Command, Option } from "commander";
import { networkByName } from "../bitcoin/network.js";
import { CHIP_MODELS, type ChipModel } from "../hal/chain-port.js";
import type { ResponseLength } from "../hal/native-wire.js";
import { openWireDecoder } from "../hal/wire-decoder.js";
import { MinerError } from "../lib/errors.js";
import { type Burst, readCapture } from "../wire/capture.js";
import { checkNonces, formatCheck } from "../wire/check.js";
import { decodeRecords, formatRecord } from "../wire/decode.js";

interface WireOptions {
  readonly chip: ChipModel;
  readonly responseLength: "auto" | "9" | "11";
  readonly json?: true;
}

interface CheckOptions extends WireOptions {
  readonly network: "mainnet" | "virtual";
}

const CAPTURE_HELP = `
A capture is text, a line a burst of bytes: SECONDS > HEX (host to chips), SECONDS < HEX (chips to
host); # starts a comment.`;

/** Adds the bench tools for recorded wires: wire decode, wire check. */
export function registerWireCommands(program: Command): void {
  const wire = program.command("wire").description("bench tools for recorded chain wires");
  addCommonOptions(wire.command("decode"))
    .description("print every frame of a capture; bytes outside frames are reported as garbage")
    .action(async (file: string | undefined, options: WireOptions) => {
      const records = decodeRecords(readBursts(file), openDecoder(options), options.chip);
      await print(records, options.json === true ? JSON.stringify : formatRecord);
    });
  addCommonOptions(wire.command("check"))
    .description("pair every nonce with its job, rebuild the header and hash it; totals at the end")
    .addOption(
      new Option("--network <name>", "what difficulty 1 means")
        .choices(["mainnet", "virtual"])
        .default("mainnet"),
    )
    .action(async (file: string | undefined, options: CheckOptions) => {
      const network = networkByName(options.network);
      const lines = checkNonces(readBursts(file), openDecoder(options), options.chip, network);
      await print(lines, options.json === true ? JSON.stringify : formatCheck);
    });
}

function addCommonOptions(command: Command): Command {
  return command
    .addArgument(new Argument("[file]", "capture; standard input when missing"))
    .addOption(
      new Option("--chip <name>", "chip family").choices(CHIP_MODELS).makeOptionMandatory(),
    )
    .addOption(
      new Option("--response-length <bytes>", "length of the answers; chips change it at bring-up")
        .choices(["auto", "9", "11"])
        .default("auto"),
    )
    .option("--json", "one JSON document a line")
    .addHelpText("after", CAPTURE_HELP);
}

function openDecoder(options: WireOptions): ReturnType<typeof openWireDecoder> {
  const lengths = { auto: 0, "9": 9, "11": 11 } as const satisfies Record<string, ResponseLength>;
  return openWireDecoder(options.chip, lengths[options.responseLength]);
}

/** Throws CAPTURE_UNREADABLE when the file cannot be read, CAPTURE_INVALID at a bad line. */
async function* readBursts(file: string | undefined): AsyncGenerator<Burst> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  try {
    yield* readCapture(input);
  } catch (error) {
    if (error instanceof MinerError) throw error;
    throw new MinerError("CAPTURE_UNREADABLE", { file: file ?? "-" }, { cause: error });
  }
}

/** Prints a line for each item, no faster than the reader takes them, until he has enough. */
async function print<Item>(
  items: AsyncIterable<Item>,
  format: (item: Item) => string,
): Promise<void> {
  try {
    await pipeline(linesOf(items, format), process.stdout, { end: false });
  } catch (error) {
    // The reader went away, as head does.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

async function* linesOf<Item>(
  items: AsyncIterable<Item>,
  format: (item: Item) => string,
): AsyncGenerator<string> {
  for await (const item of items) yield `${format(item)}\n`;
}
