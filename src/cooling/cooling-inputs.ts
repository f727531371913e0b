import type { Finding } from "../lib/finding.js";
import type { FanFact, TemperatureFact } from "../safety/rail-facts.js";

/** Everything that a decision depends on beside its memory. Plain JSON. */
export interface CoolingInputs {
  readonly nowMs: number;
  /** How long after its time the decision is taken. */
  readonly lateMs: number;
  /** The output of the supply may be on. */
  readonly isPowered: boolean;
  /** Fans are at full duty to be proven. */
  readonly isProving: boolean;
  /** Fans had time to show their full speed. */
  readonly areFansLearnt: boolean;
  /** Slots whose boards count. */
  readonly slots: readonly number[];
  readonly temperatures: readonly TemperatureFact[];
  readonly fans: readonly FanFact[];
  /** Undefined while nobody can say. */
  readonly powerW: number | undefined;
}

/** Why the duty is what it is. */
export type CoolingReason =
  /** Temperatures and fans are not proven yet. */
  | "start"
  /** A part or the loop itself is not as it must be: full. */
  | "failSafe"
  /** Some reading is at its warning: full, whatever the quiet cap says. */
  | "warn"
  /** As much as the quiet cap allows. */
  | "quietCap"
  /** Follows the hottest reading. */
  | "target"
  | "floor"
  /** Power is off and something is still warm. */
  | "runOn"
  /** Power is off and all is cool. */
  | "cool"
  /** There are no fans that matter. */
  | "liquid";

/** What a decision remembers for the next one. Plain JSON. */
export interface CoolingMemory {
  readonly atMs: number;
  readonly dutyPct: number;
  readonly powerSharePct: number;
  readonly integralPct: number;
  /** The hottest reading above its target, smoothed; null without one. */
  readonly smoothC: number | null;
  /** When something was last at fault or not proven; null when all is proven. */
  readonly faultAtMs: number | null;
  /** Everything was proven once. */
  readonly isStarted: boolean;
  /** Held until something was a little below its warning. */
  readonly isWarm: boolean;
  /** Since when power is off; null while it is on. */
  readonly offSinceMs: number | null;
  readonly isCool: boolean;
  /** Decisions in a row in which a tach told too much, by fan. */
  readonly lies: Readonly<Record<string, number>>;
  /** Since when less power is wished; null while it is not. */
  readonly overSinceMs: number | null;
  /** Since when more power would do; null while it would not. */
  readonly reserveSinceMs: number | null;
}

export interface CoolingDecision {
  readonly dutyPct: number;
  /** Of the clock that is ordered. */
  readonly powerSharePct: number;
  readonly reason: CoolingReason;
  /** What is wrong, where the reason is `failSafe`. */
  readonly fault: Finding | null;
  readonly memory: CoolingMemory;
}
