import type { Evidence, Provenance } from "../lib/evidence.js";
import type { ChipModel } from "../hal/chain-port.js";
import type { PllLimits } from "./pll.js";

/** Which bits of byte 7 of a response are the job byte: see `jobEcho` of a family. */
export interface JobEcho extends Provenance {
  /** Bits of the job number, the rest of the byte is the sub-core. */
  readonly jobBits: 5 | 4;
}

/** What every chip of a family has in common. */
export interface AsicFamily {
  readonly model: ChipModel;
  /** Upper half of the chip id register. */
  readonly chipId: number;
  readonly cores: number;
  /** Hash units of a full core; in one batch each has a version of its own. */
  readonly subCores: number;
  /** Working hash units of a chip: hash rate = hashUnits x clock. */
  readonly hashUnits: number;
  /** Evidence of the numbers above. */
  readonly geometry: Provenance;
  readonly pll: PllLimits;
  readonly jobEcho: JobEcho;
  /** Counts that the sweep overruns the hash counting number. */
  readonly sweepOverrun: Provenance & { readonly counts: number };
  /** How sure the unit of the hash counting number is. */
  readonly hcnUnit: Evidence;
  /** Values written at bring-up. */
  readonly words: FamilyWords;
}

export interface FamilyWords {
  /** Soft reset before addressing, and per chip when the cores are switched on. */
  readonly softResetAll: number;
  readonly softResetChip: number;
  readonly miscControlAll: number;
  readonly miscControlChip: number;
  /** The two core register words that set the clock, in order. */
  readonly coreClock: readonly [number, number];
  /** Base value of the drive strength, and that of the last chip of a domain where it is raised. */
  readonly drive: number;
  readonly driveDomainEnd: number;
}

/** The hash rate of `chips` chips, in TH/s. */
export function hashrateThs(family: AsicFamily, chips: number, freqMHz: number): number {
  return (chips * family.hashUnits * freqMHz) / 1e6;
}
