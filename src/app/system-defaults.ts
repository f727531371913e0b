import { readFileSync } from "node:fs";
import { MinerError } from "../lib/errors.js";
import { isObject, mergePatch } from "../lib/merge-patch.js";

/** What the image of a board says of the board it boots: where its slots are, how it is started anew. */
const SYSTEM_FILE = "/etc/headframe/system.json";

/**
 * The owner's configuration with what the image brings for the fields that it does not name.
 * @throws CONFIG_UNREADABLE, CONFIG_INVALID
 */
export function withSystemDefaults(owners: unknown, file = SYSTEM_FILE): unknown {
  if (!isObject(owners)) return owners;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // Not on an image.
    if (code === "ENOENT") return owners;
    throw new MinerError("CONFIG_UNREADABLE", { file, reason: message }, { cause });
  }
  try {
    return mergePatch(JSON.parse(text), owners);
  } catch (cause) {
    throw new MinerError("CONFIG_INVALID", { file, reason: String(cause) }, { cause });
  }
}
