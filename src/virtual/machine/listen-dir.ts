import { lstatSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MinerError } from "../../lib/errors.js";

/**
 * Makes the directory if needed and clears `names` in it: what an earlier machine left there when it was killed.
 * Only links, pipes, sockets and, for `.port` files, plain files are taken away; anything else is in the way.
 *
 * @throws MinerError VIRTUAL_LISTEN_FAILED
 */
export function prepareListenDir(directory: string, names: readonly string[]): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw new MinerError("VIRTUAL_LISTEN_FAILED", { path: directory }, { cause });
  }
  for (const name of names) {
    const path = join(directory, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) continue;
    const isOurs =
      found.isSymbolicLink() ||
      found.isFIFO() ||
      found.isSocket() ||
      (found.isFile() && name.endsWith(".port"));
    if (!isOurs) throw new MinerError("VIRTUAL_LISTEN_FAILED", { path });
    rmSync(path);
  }
}
