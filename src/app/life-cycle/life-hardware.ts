import type { MinerError } from "../../lib/errors.js";
import type { Finding } from "../../lib/finding.js";
import type { FittedMachine } from "../machine/fitted-machine.js";

/** The rail as the life of the machine uses it. */
export interface LifeRail {
  /** @throws PSU_VOLTAGE_OUT_OF_RANGE, PSU_READBACK_MISMATCH, PSU_NO_ANSWER, I2C_... */
  prepare(railMv: number, signal: AbortSignal): Promise<void>;
  /** @throws COMMAND_REFUSED with what the permit lacks; PSU_NOT_OFF, PSU_OUTPUT_WRONG */
  switchOn(signal: AbortSignal): Promise<void>;
  /** In its own time, and whatever comes of it. */
  calibrate(signal: AbortSignal): Promise<void>;
  /** @throws as prepare does */
  changeTo(railMv: number, signal: AbortSignal): Promise<void>;
}

/** What was found at the start of the program. */
export interface Found {
  readonly fitted: FittedMachine;
  /** A program before us left the machine running, everything about it is proven, and it is ours without a gap. */
  readonly isRunning: boolean;
}

/** Everything of the machine but its chains, as its life uses it. */
export interface LifeHardware {
  /** @throws COMMAND_REFUSED while no supply is known */
  readonly rail: LifeRail;
  /**
   * Finds out what is fitted, once, at the start of the program; the rail is off afterwards unless the machine runs.
   * @throws what keeps the machine from being run
   */
  find(signal: AbortSignal): Promise<Found>;
  /** The same again, on a machine that is off. @throws as find does */
  identify(signal: AbortSignal): Promise<FittedMachine>;
  /** Fans turn, sensors answer and agree. Boards that fail are isolated. @throws what keeps all from being run */
  selfTest(signal: AbortSignal): Promise<FittedMachine>;
  /** Hashboards with a converter of their own get their voltage; resolves with what failed, by slot. */
  openConverters(
    slots: readonly number[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, Finding>>;
  /** The boards of these slots are powered or are to be, and no others. */
  setPowered(slots: readonly number[]): void;
  /** Converters off, then the supply, within a second. @throws PSU_NOT_OFF */
  powerOff(reason: string): Promise<void>;
  /** The supply, at once and before this returns where its line needs no waiting. @throws PSU_NOT_OFF */
  switchOff(reason: string): Promise<void>;
  /** Hears why power was cut. */
  onTrip(listener: (error: MinerError) => void): () => void;
  /** Hears which slot must be out within 300 ms, and why; all power is cut when it is not. */
  onIsolate(listener: (slot: number, error: MinerError) => void): () => void;
  /** The board of a slot counts no more, its chain is in reset; its converter goes off in its own time. */
  takeOut(slot: number, error: MinerError): void;
  /** The board of a slot counts again, with its converter on; resolves with what speaks against it. */
  bringBack(slot: number, signal: AbortSignal): Promise<Finding | undefined>;
  /** The machine failed of something that is no rule's, and power is about to go off. */
  noteFault(error: MinerError): void;
  /** The trip is over, or somebody knows of it and wants to try again. */
  clearTrip(by: "rule" | "owner"): void;
  /** Resolves once a reading says that the output is empty, or nobody can say so. */
  confirmOff(signal: AbortSignal): Promise<OffConfirmation>;
}

/** What a reading said after the output was switched off. */
export interface OffConfirmation {
  /** `readback`: the supply measured it; `none`: this supply cannot, or did not say so in time. */
  readonly by: "readback" | "none";
  readonly outputMv: number | null;
  readonly unixMs: number;
}
