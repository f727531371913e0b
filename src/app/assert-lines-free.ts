import { join } from "node:path";
import { RESET_BAUD } from "../asic/uart.js";
import { NativeChainPort } from "../hal/native-chain-port.js";
import type { Config } from "./config.js";

/**
 * Opens and closes the tty of every chain. Whoever mines on them already must not lose its power to a second
 * controller, so this comes before anything of the machine is touched.
 * @throws LINK_OPEN_FAILED, LINK_BAUD_REFUSED
 */
export async function assertLinesFree(config: Config): Promise<void> {
  const { board, slots, deviceDir, machineSpec } = config;
  const { chain } = machineSpec.hashboard;
  for (const slot of slots) {
    const tty = board.chains[slot]?.tty;
    if (tty === undefined) continue;
    const port = new NativeChainPort({
      name: `chain${String(slot)}`,
      path: join(deviceDir, tty),
      resetPath: "",
      chip: machineSpec.chip,
      chips: chain.chips,
      addressStep: chain.addressStep,
      useNonceOffsets: false,
      cores: 1,
      chainIndex: 0,
      chainCount: 1,
      resetBaud: RESET_BAUD,
      jobLengthByte: 0,
      deadManMs: 0,
      kickIntervalMs: 1000,
      priority: 0,
      tap: false,
    });
    port.open();
    await port.close();
  }
}
