import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { supportBundle, type SupportBundle } from "../app/support/support-bundle.js";
import { systemClock } from "../lib/clock.js";
import { isMinerError, MinerError } from "../lib/errors.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, type JsonOption } from "./output.js";

/** Megabytes are packed on a slow computer. */
const TIMEOUT_MS = 120_000;
/** Its owner decides who else reads it. */
const MODE = 0o600;

interface SupportFlags extends JsonOption {
  readonly data?: string;
}

const HELP = `
A tar.gz with configuration, snapshot, log, events, trips, history, the end of the flight recorder and
the identities of the hashboards, without passwords and keys. Look through it before you hand it on:
pools, users and addresses are in it. Without a running controller it has what is in the data directory.`;

/** Adds `support`: what somebody needs who is to say what ails the machine. */
export function registerSupportCommand(program: Command): void {
  addControllerOptions(program.command("support"))
    .description("write what somebody needs who is to help, without passwords and keys")
    .argument("<file>", "the file to write, as support.tar.gz")
    .addHelpText("after", HELP)
    .action(async (file: string, { data, json }: SupportFlags, command: Command) => {
      const { base64, ...bundle } = await bundleOf(command, data);
      await writeFile(file, Buffer.from(base64, "base64"), { mode: MODE }).catch(
        (cause: unknown) => {
          throw new MinerError("USAGE", { file, reason: String(cause) }, { cause });
        },
      );
      const names = bundle.entries.map(({ name, bytes }) => `${name} ${String(bytes)}`);
      print({ ...bundle, file }, { json: json === true }, () =>
        [`${file} ${String(bundle.bytes)}`, ...names].join("\n  "),
      );
    });
}

type Bundle = Pick<SupportBundle, "bytes" | "base64" | "entries">;

/** Of a controller that does not run, when it is one of this computer. */
async function bundleOf(command: Command, dataDir: string | undefined): Promise<Bundle> {
  try {
    return (await controllerOf(command).ask("support.bundle", {}, TIMEOUT_MS)) as Bundle;
  } catch (error) {
    if (!isMinerError(error, "CONTROL_UNREACHABLE") || dataDir === undefined) throw error;
    return supportBundle({
      dataDir,
      documents: () => ({}),
      config: () => undefined,
      flush: () => Promise.resolve(),
      clock: systemClock,
    });
  }
}
