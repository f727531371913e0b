import type { Provenance } from "../../lib/evidence.js";
import type { ChipModel, ChipTarget } from "../../hal/chain-port.js";
import type { BringUpName } from "../../boards/names.js";
import type { SweepSplit } from "../frequency.js";
import type { PllSolver } from "../pll.js";

/** One thing done on the way from a dead chain to a hashing one. */
export type Step =
  | { readonly is: "reset"; readonly lowMs: number; readonly highMs: number }
  | { readonly is: "hostBaud"; readonly baud: number; readonly settleMs: number }
  | { readonly is: "discover"; readonly silenceMs: number }
  | { readonly is: "chainInactive"; readonly delayAfterMs: number }
  | { readonly is: "setAddress"; readonly address: number; readonly delayAfterMs: number }
  /** Reads every chip's id again: each address must appear once. */
  | { readonly is: "checkAddresses"; readonly silenceMs: number }
  /** Reads the id of the last chip: the line works at its new rate from end to end. */
  | { readonly is: "checkLink"; readonly silenceMs: number }
  | {
      readonly is: "write";
      readonly target: ChipTarget;
      readonly register: number;
      readonly value: number;
      readonly delayAfterMs: number;
      /** One of those that make a chip hash: left out for chips that must not. */
      readonly opensCores?: true;
    }
  | { readonly is: "delay"; readonly ms: number }
  /** The chain gets its first work here; what follows is done while it hashes. */
  | { readonly is: "firstWork" };

/** Where the chips sit: what a bring-up needs of a hashboard. */
export interface ChainGeometry {
  readonly chips: number;
  readonly domains: number;
  readonly chipsPerDomain: number;
  readonly addressStep: number;
  /** Each domain has a regulator of its own; else they share one voltage in series. */
  readonly regulatedDomains?: true | undefined;
}

export interface BringUpSettings {
  readonly freqMHz: number;
  /** What chips report, a power of two; 256 in every captured sequence of a machine. */
  readonly ticketDifficulty: number;
  /**
   * Hash counting number that the stock firmware writes on this hashboard, where known. It is kept as long as it does
   * not make chips overlap at the frequency; otherwise, and where none is known, full coverage is computed.
   */
  readonly stockHashCountingNumber?: number;
}

export interface ChainSettings extends BringUpSettings {
  /** Hash with the chips that answered when some are missing. */
  readonly allowShortChain: boolean;
}

/** One whole sequence, as one source shows it. */
export interface BringUp extends Provenance {
  readonly name: BringUpName;
  readonly model: ChipModel;
  readonly solver: PllSolver;
  readonly sweepSplit: SweepSplit;
  /** Rate of the line at the end. */
  readonly miningBaud: number;
  readonly steps: (geometry: ChainGeometry, settings: BringUpSettings) => Step[];
}
