import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { askController } from "../api/control/control-client.js";
import { supportBundle, type SupportBundle } from "../app/support/support-bundle.js";
import { systemClock } from "../lib/clock.js";
import { isMinerError, MinerError } from "../lib/errors.js";
import { print, type JsonOption } from "./output.js";

/** Megabytes are packed on a slow computer. */
const TIMEOUT_MS = 120_000;
/** Its owner decides who else reads it. */
const MODE = 0o600;

const HELP = `
A tar.gz with configuration, snapshot, log, events, trips, history, the end of the flight recorder and
the identities of the hashboards, without passwords and keys. Look through it before you hand it on:
pools, users and addresses are in it. Without a running controller it has what is in the data directory.`;

/** Adds `support`: what somebody needs who is to say what ails the machine. */
export function registerSupportCommand(program: Command): void {
  program
    .command("support")
    .description("write what somebody needs who is to help, without passwords and keys")
    .argument("<file>", "the file to write, as support.tar.gz")
    .requiredOption("--data <dir>", "data directory of the controller")
    .option("--json", "one JSON document")
    .addHelpText("after", HELP)
    .action(async (file: string, { data, ...flags }: JsonOption & { readonly data: string }) => {
      const { base64, ...bundle } = await bundleOf(data);
      await writeFile(file, Buffer.from(base64, "base64"), { mode: MODE }).catch(
        (cause: unknown) => {
          throw new MinerError("USAGE", { file, reason: String(cause) }, { cause });
        },
      );
      const names = bundle.entries.map(({ name, bytes }) => `${name} ${String(bytes)}`);
      print({ ...bundle, file }, flags, () =>
        [`${file} ${String(bundle.bytes)}`, ...names].join("\n  "),
      );
    });
}

async function bundleOf(dataDir: string): Promise<SupportBundle> {
  try {
    return (await askController(dataDir, "support.bundle", {}, TIMEOUT_MS)) as SupportBundle;
  } catch (error) {
    if (!isMinerError(error, "CONTROL_UNREACHABLE")) throw error;
    return supportBundle({
      dataDir,
      documents: () => ({}),
      config: () => undefined,
      flush: () => Promise.resolve(),
      clock: systemClock,
    });
  }
}
