import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MinerError } from "./errors.js";

/**
 * The folder that holds package.json and boards/, found by walking up from this file: the checkout, or the place
 * where the program is installed.
 */
export function projectRoot(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "boards")))
      return folder;
    if (folder === dirname(folder)) throw new MinerError("INTERNAL", { missing: "boards", from });
  }
}
