import { isServedVirtually, type ControlBoard } from "../boards/machine-spec.js";
import type { Hardware } from "./hardware.js";

/**
 * Everything of a control board that is not a chain. Each of the two kinds is loaded when it is wanted: metal carries no
 * client of the virtual machine, and an ordinary computer no bus libraries.
 * @throws INTERNAL when a library was not built for this Node
 */
export async function openHardware(board: ControlBoard, deviceDir: string): Promise<Hardware> {
  if (isServedVirtually(board)) {
    const { VirtualHardware } = await import("./virtual/virtual-hardware.js");
    return new VirtualHardware(deviceDir);
  }
  const { LinuxHardware } = await import("./linux/linux-hardware.js");
  const { linuxPaths } = await import("./linux/linux-paths.js");
  const { systemLibraries } = await import("./linux/system-libraries.js");
  return new LinuxHardware(linuxPaths(deviceDir), await systemLibraries());
}
