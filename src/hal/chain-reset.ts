import type { NativeLine } from "./hardware.js";
import type { NativeChainOptions } from "./native.js";

/** The options of a chain port for a reset line that Hardware.openNativeOutput gave. */
export function chainReset(line: NativeLine): Pick<NativeChainOptions, "resetPath" | "resetFd"> {
  return "path" in line ? { resetPath: line.path } : { resetPath: "", resetFd: line.fd };
}
