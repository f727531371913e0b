import type { Command } from "commander";
import { runController } from "../main.js";

interface RunFlags {
  readonly config: string;
  readonly data: string;
  readonly tap?: string;
  readonly json?: boolean;
}

export function registerRunCommand(program: Command): void {
  program
    .command("run")
    .description("run the controller in the foreground; logs go to standard error as JSON lines")
    .requiredOption(
      "--config <file>",
      "configuration file (headframe config check tells what is wrong)",
    )
    .requiredOption("--data <dir>", "data directory: control socket, counters, records")
    .option("--tap <dir>", "write both directions of every wire to capture files in this folder")
    .option("--json", "errors as JSON")
    .action((flags: RunFlags) =>
      runController({
        configFile: flags.config,
        dataDir: flags.data,
        tapDir: flags.tap,
        // For people; with --json the error alone tells what is missing.
        report: flags.json === true ? undefined : (text) => process.stderr.write(text),
      }),
    );
}
