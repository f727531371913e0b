import { MinerError } from "../../lib/errors.js";
import { loadAddon } from "../native.js";
import { mayWriteKernelFile, writeKernelFile } from "./kernel-file.js";
import type { LinuxLibraries } from "./linux-hardware.js";

/**
 * The libraries as they are installed. Two of them load a compiled half of their own with themselves, which is work at
 * import: not before they are wanted.
 * @throws INTERNAL when one was not built for this Node
 */
export async function systemLibraries(): Promise<LinuxLibraries> {
  const addon = loadAddon();
  try {
    const [i2cBus, onoff] = await Promise.all([import("i2c-bus"), import("onoff")]);
    const { openPromisified } = i2cBus.default;
    return {
      openI2cBus: openPromisified,
      onoff: onoff.default.Gpio,
      addon,
      write: writeKernelFile,
      mayWrite: mayWriteKernelFile,
    };
  } catch (cause) {
    const { message } = cause as Error;
    throw new MinerError("INTERNAL", { library: "i2c-bus, onoff", reason: message }, { cause });
  }
}
