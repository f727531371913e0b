import { join } from "node:path";
import { readKernelText } from "./kernel-file.js";

/** Text at the end of which C puts a zero. */
const END = /\0+$/;

/** Model string of the device tree; undefined where there is none. */
export function deviceTreeModel(proc: string): string | undefined {
  return readKernelText(join(proc, "device-tree", "model"))
    ?.replace(END, "")
    .trim();
}
