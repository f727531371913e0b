import { ConfigCommands, ConfigPatch, type ConfigCommandParts } from "../config-commands.js";
import { command, plainCommand, type CommandEntry } from "./command-entry.js";

/** The commands about the configuration as a whole. */
export function configEntries(parts: ConfigCommandParts): Readonly<Record<string, CommandEntry>> {
  const config = new ConfigCommands(parts);
  const expected = "patch (fields of the configuration) and perhaps revision";
  return {
    "config.get": plainCommand("read", () => config.get()),
    "config.check": command("read", ConfigPatch, expected, (wish) => config.check(wish)),
    "config.set": command("configure", ConfigPatch, expected, (wish) => config.set(wish)),
  };
}
