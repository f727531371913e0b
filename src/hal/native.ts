import { createRequire } from "node:module";
import { join } from "node:path";
import { MinerError } from "../lib/errors.js";
import { projectRoot } from "../lib/project-root.js";
import type { NativeGpioAddon } from "./native-gpio.js";
import type { NativeGuardAddon } from "./native-guard.js";
import type { NativeWireAddon } from "./native-wire.js";

/** Options of one native chain; every field is checked there. */
export interface NativeChainOptions {
  readonly name: string;
  /** The tty. */
  readonly path: string;
  /** File that takes "0" (reset) and "1" (run); empty when the chain has no reset line. */
  readonly resetPath: string;
  /** A held line of a GPIO character device instead; 0 is reset, 1 is run. It is duplicated. */
  readonly resetFd?: number;
  readonly chip: string;
  readonly chips: number;
  readonly addressStep: number;
  readonly useNonceOffsets: boolean;
  readonly chainIndex: number;
  readonly chainCount: number;
  readonly resetBaud: number;
  readonly jobLengthByte: number;
  /** 0 switches the dead man off. */
  readonly deadManMs: number;
  /** SCHED_FIFO priority, 0 for the normal class. */
  readonly priority: number;
  readonly tap: boolean;
}

/** native/binding/chain_port.cpp. Methods that post a command return false when it was not taken. */
export interface NativeChain {
  start(bell: () => void): void;
  stop(): void;
  setAddress(address: number, token: number, delayAfterUs: number): boolean;
  chainInactive(token: number, delayAfterUs: number): boolean;
  /** `target` is a chip address, or -1 for all. */
  writeRegister(
    target: number,
    register: number,
    value: number,
    token: number,
    delayAfterUs: number,
  ): boolean;
  readRegister(target: number, register: number, token: number): boolean;
  setBaud(baud: number, token: number, settleUs: number): boolean;
  setResponseLength(length: number, token: number): boolean;
  driveReset(run: boolean, token: number): boolean;
  awaitWork(token: number): boolean;
  setJob(job: object): boolean;
  configureWork(intervalUs: number, ticketTargetLe: Uint8Array): boolean;
  stopWork(forget: boolean): boolean;
  /** Number of records copied into `into`. */
  drain(into: Uint8Array): number;
  drainTap(into: Uint8Array): number;
  kick(): void;
  readStats(into: Float64Array): void;
  readCores(valid: Uint32Array, errors: Uint32Array): void;
}

export interface NativeAddon extends NativeWireAddon, NativeGpioAddon, NativeGuardAddon {
  readonly ChainPort: new (options: NativeChainOptions) => NativeChain;
  /** native/binding/memory.cpp: gives free pages of the C heap back to the system. */
  releaseFreeMemory(): void;
}

/** Loads build/Release/chains.node. Throws INTERNAL when it was not built for this Node. */
export function loadAddon(): NativeAddon {
  const path = join(projectRoot(), "build", "Release", "chains.node");
  try {
    return createRequire(import.meta.url)(path) as NativeAddon;
  } catch (cause) {
    throw new MinerError("INTERNAL", { addon: path }, { cause });
  }
}
