import type { ErrorCode, ErrorContext } from "../lib/errors.js";

/** One time that power was cut, or a slot isolated. Plain JSON. */
export interface TripRecord {
  /** Unique; later ones sort behind earlier ones. */
  readonly id: string;
  readonly atUnixMs: number;
  readonly code: ErrorCode;
  readonly context: ErrorContext;
  readonly action: "cut" | "isolate";
  /** The slot that was isolated; null for the whole machine. */
  readonly slot: number | null;
  /** Who acted: a rule, the native guard, its companion process, or a part of the program that saw it. */
  readonly by: "rule" | "guard" | "companion" | "part";
  /** What was known in that moment, as `RailFacts`. */
  readonly facts: unknown;
  /** Null as long as it holds. */
  readonly cleared: { readonly by: "rule" | "owner"; readonly atUnixMs: number } | null;
}

/** Who found out, and what was known then. */
export type TripCause = Pick<TripRecord, "by" | "facts">;

/** Remembers trips. */
export interface TripLog {
  record(trip: Omit<TripRecord, "id" | "cleared">): TripRecord;
  /** Does nothing when there is no such record or it is cleared already. */
  clear(id: string, by: "rule" | "owner"): void;
  /** Oldest first. */
  list(): readonly TripRecord[];
}
