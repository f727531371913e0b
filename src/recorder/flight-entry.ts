import type { CoolingDecision, CoolingMemory } from "../cooling/cooling-inputs.js";
import type { CoolingPlan } from "../cooling/cooling-plan.js";
import type { Finding } from "../lib/finding.js";
import type { Look } from "../safety/look-witness.js";
import type { RailLimits } from "../safety/rail-facts.js";
import type { SlotFinding } from "../safety/rail-verdict.js";
import type { TreeChange } from "./fact-tree.js";
import type { LifeEntry } from "./life/life-entry.js";

/** With every keyframe, as those before may be overwritten. */
export interface Origin {
  /** Of the program that decided. */
  readonly version: string;
  /** Wall clock less the clock of the process. */
  readonly unixAt0Ms: number;
}

/** `all` begins anew, `change` goes on; neither when nothing is different. */
export interface Facts {
  readonly all?: unknown;
  readonly change?: TreeChange | undefined;
}

/** What was found; left out where nothing was. */
export interface Findings {
  readonly cut?: readonly Finding[];
  readonly isolate?: readonly SlotFinding[];
  readonly warn?: readonly Finding[];
}

/** A look of the safety. */
export interface LookEntry extends Facts, Findings {
  readonly kind: "look";
  readonly atMs: number;
  readonly how: Look["how"];
  readonly rail: Look["rail"];
  /** Of the look before this one, that was not kept. */
  readonly lookedMs?: number;
  readonly key?: Origin & { readonly limits: RailLimits };
  /** They could not be gathered. */
  readonly areUnknown?: true;
  /** In the same look, after a slot was to be taken out. */
  readonly again?: (Facts & Findings) | undefined;
  /** Why all power is cut. */
  readonly off?: readonly Finding[];
}

/** The output came into another state. */
export interface BeganEntry {
  readonly kind: "began";
  readonly atMs: number;
}

/** Power was cut, or a slot is to be taken out: by a rule that a look found broken, or by a part of the program. */
export interface TripEntry extends Finding {
  readonly kind: "trip";
  readonly atMs: number;
  readonly action: "cut" | "isolate";
  readonly slot: number | null;
}

/** A decision of the cooling; its inputs and what it decided are one tree. */
export interface CoolingEntry extends Facts {
  readonly kind: "cooling";
  readonly atMs: number;
  readonly key?: Origin & { readonly plan: CoolingPlan; readonly memory: CoolingMemory };
}

/** What of a decision is kept; its memory follows from those before. */
export type KeptDecision = Omit<CoolingDecision, "memory">;

/** Somebody asked for something. */
export interface CommandEntry {
  readonly kind: "command";
  readonly atMs: number;
  readonly name: string;
  readonly params: string;
  /** `done`, or the code of the error. */
  readonly result: string;
}

/** A line from or to a pool. */
export interface PoolEntry {
  readonly kind: "pool";
  readonly atMs: number;
  readonly pool: string;
  readonly direction: "<" | ">";
  /** Its beginning; without parameters where they may hold a password. */
  readonly text: string;
  readonly length: number;
  /** Lines of all pools before this one that were too many to be kept. */
  readonly missed?: number;
}

/** What a chain's wire carried in a second. */
export interface FramesEntry {
  readonly kind: "frames";
  readonly atMs: number;
  readonly slot: number;
  /** Those that are not nothing, by name of the counter or of the nonces' verdict. */
  readonly counts: Readonly<Record<string, number>>;
  /** Verdict, nonce, version and chip of one nonce, now and then. */
  readonly sample?: string;
}

/** The program began. */
export interface StartEntry extends Origin {
  readonly kind: "start";
  readonly atMs: number;
  readonly machine: string;
}

export type FlightEntry =
  | StartEntry
  | LookEntry
  | BeganEntry
  | TripEntry
  | CoolingEntry
  | CommandEntry
  | PoolEntry
  | FramesEntry
  | LifeEntry;

/** A record of the ring: entries of one process that came shortly after one another. */
export interface FlightRecord {
  /** Which process: two of them never have the same. */
  readonly session: string;
  readonly entries: readonly FlightEntry[];
}
