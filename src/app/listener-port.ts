import { join } from "node:path";
import { RESET_BAUD } from "../asic/uart.js";
import { NativeChainPort } from "../hal/native-chain-port.js";
import type { Config } from "./config.js";

/** A port on a tty that no slot is known to hang on: it moves no reset line and has no dead man. */
export function listenerPort(
  { deviceDir, machineSpec }: Config,
  name: string,
  tty: string,
): NativeChainPort {
  const { chain } = machineSpec.hashboard;
  return new NativeChainPort({
    name,
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
}
