import { join } from "node:path";
import { BRING_UPS } from "../asic/bring-up/bring-ups.js";
import { FAMILIES } from "../asic/families.js";
import { RESET_BAUD } from "../asic/uart.js";
import { networkByName } from "../bitcoin/network.js";
import { machineHashrateThs } from "../boards/machine-spec.js";
import type { NativeLine } from "../hal/hardware.js";
import { NativeChainPort } from "../hal/native-chain-port.js";
import { RewirableChainPort } from "../hal/rewirable-chain-port.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import { ticketForRate } from "../mining/ticket-choice.js";
import { ChainController } from "./chain-controller.js";
import type { ChainControllerOptions } from "./chain-state.js";
import type { Config } from "./config.js";

/** The dead man is kicked several times within its limit, so that one late timer does no harm. */
const KICKS_PER_LIMIT = 8;
/** The real length of a job frame; stock firmware sends others, chips take them all. Captured. */
const JOB_LENGTH_BYTE = 0x56;

export interface BuildChainOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** Among the slots in use. */
  readonly index: number;
  readonly resetLine: NativeLine | undefined;
  /** What the slot hangs on at first. */
  readonly tty: string;
  /** Both directions of the wire are told. */
  readonly hasTap: boolean;
  readonly rates: ChainControllerOptions["rates"];
  readonly onNonces: ChainControllerOptions["onNonces"];
  readonly onHashing: () => void;
  readonly onState: () => void;
}

export interface BuiltChain {
  readonly port: RewirableChainPort;
  readonly controller: ChainController;
}

/** A chain of the configuration with its native thread, which is not started yet. */
export function buildChain(options: BuildChainOptions): BuiltChain {
  const { config, index } = options;
  const { hashboard, chains, bringUp } = config.machineSpec;
  const slot = config.slots[index];
  if (slot === undefined) throw new MinerError("INTERNAL", { index });
  const nominalThs = machineHashrateThs(config.machineSpec, config.targetMHz) / chains;
  const port = new RewirableChainPort(options.tty, (tty) => buildPort(options, slot, tty));
  const stockHcn = hashboard.hashCountingNumber;
  const controller = new ChainController({
    slot,
    get tty() {
      return join(config.deviceDir, port.tty);
    },
    port,
    bringUp: BRING_UPS[bringUp],
    geometry: hashboard.chain,
    settings: {
      freqMHz: config.targetMHz,
      ticketDifficulty: config.ticketDifficulty ?? ticketForRate(nominalThs),
      allowShortChain: config.allowShortChain,
      ...(stockHcn && { stockHashCountingNumber: stockHcn.value }),
    },
    restsInReset: !config.machineSpec.resetTogether,
    network: networkByName(config.network),
    clock: options.clock,
    log: options.log,
    nominalThs,
    rates: options.rates,
    isTicketAutomatic: config.ticketDifficulty === undefined,
    onNonces: options.onNonces,
    onHashing: options.onHashing,
    onState: options.onState,
  });
  return { port, controller };
}

function buildPort(
  { config, index, resetLine, hasTap }: BuildChainOptions,
  slot: number,
  tty: string,
): NativeChainPort {
  const { hashboard, chip, bringUp: bringUpName } = config.machineSpec;
  const bringUp = BRING_UPS[bringUpName];
  return new NativeChainPort({
    name: `chain${String(slot)}`,
    path: join(config.deviceDir, tty),
    ...resetOf(resetLine),
    chip,
    chips: hashboard.chain.chips,
    addressStep: hashboard.chain.addressStep,
    useNonceOffsets: bringUp.sweepSplit === "nonceOffset",
    cores: FAMILIES[bringUp.model].cores,
    chainIndex: index,
    chainCount: config.slots.length,
    resetBaud: RESET_BAUD,
    jobLengthByte: JOB_LENGTH_BYTE,
    deadManMs: config.deadManMs,
    kickIntervalMs: config.deadManMs / KICKS_PER_LIMIT,
    priority: config.realTimePriority,
    tap: hasTap,
  });
}

function resetOf(line: NativeLine | undefined): { resetPath: string; resetFd?: number } {
  if (line === undefined) return { resetPath: "" };
  return "path" in line ? { resetPath: line.path } : { resetPath: "", resetFd: line.fd };
}
