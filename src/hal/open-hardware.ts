import type { ControlBoard } from "../boards/machine-spec.js";
import { MinerError } from "../lib/errors.js";
import type { Hardware } from "./hardware.js";

/**
 * Everything of a control board that is not a chain. Each of the two kinds is loaded when it is wanted: metal carries no
 * client of the virtual machine, and an ordinary computer no bus libraries.
 * @throws BOARD_NOT_DRIVEN
 */
export async function openHardware(board: ControlBoard, deviceDir: string): Promise<Hardware> {
  if (board.virtual) {
    const { VirtualHardware } = await import("./virtual/virtual-hardware.js");
    return new VirtualHardware(deviceDir);
  }
  throw new MinerError("BOARD_NOT_DRIVEN", { controlBoard: board.name });
}
