import type { Command } from "commander";
import { configJsonSchema, loadConfig } from "../app/config.js";
import { registerLiveConfigCommands } from "./config-live.js";
import { print, type JsonOption } from "./output.js";

export function registerConfigCommands(program: Command): void {
  const config = program
    .command("config")
    .description("the configuration, in its file and in the running controller");
  registerLiveConfigCommands(config);
  config
    .command("check")
    .description(
      "check a configuration file; exits 1 and names field, value and expectation if it is wrong",
    )
    .argument("<file>", "configuration file")
    .option("--json", "one JSON document")
    .action((file: string, flags: JsonOption) => {
      const { machine, controlBoard, network, slots, targetMHz } = loadConfig(file);
      const facts = {
        ok: true,
        file,
        machine,
        controlBoard,
        network,
        chains: slots,
        freqMHz: targetMHz,
      };
      print(
        facts,
        flags,
        () =>
          `${file} is good: ${machine} on ${controlBoard}, network ${network}, ` +
          `chains ${slots.join(", ")} at ${String(targetMHz)} MHz`,
      );
    });
  config
    .command("schema")
    .description("print the JSON Schema of the configuration file")
    .action(() => {
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
}
