import type { FaultRequest } from "../../src/virtual/pool/faults/fault-set.js";
import type { TestPoolOptions } from "../../src/virtual/pool/settings.js";
import type { OwnFaults } from "./audit.js";
import type { SceneMaker } from "./scene.js";

/**
 * What must hold while the fault lasts:
 * - `leaves`: the first share at the next pool in time, and back in time once the primary is well;
 * - `stays`: accepted shares flow at the primary without a gap, and the next pool gets none;
 * - `survives`: accepted shares flow at one of the two, whichever; back in time;
 * - `staysAway`: as `leaves`, and the primary gets no share as long as the fault lasts;
 * - `waits`: there is no pool, so nothing flows; back in time.
 */
export type Expectation = "leaves" | "stays" | "survives" | "staysAway" | "waits";

/** One row of the wall. */
export interface Row {
  readonly name: string;
  readonly expects: Expectation;
  /** Set at the primary. */
  readonly faults?: readonly FaultRequest[];
  /**
   * When they are set: while the machine mines (default), before the program starts, or while it mines and with a
   * lost connection, so that the next session meets them.
   */
  readonly when?: "mining" | "start" | "newSession";
  /** A pool whose sessions keep the fault is healthy only when it has dropped them. */
  readonly healsBy?: "restart";
  /** In place of `faults`: something that is not done by the pool alone. */
  readonly scene?: SceneMaker;
  readonly pool?: Partial<TestPoolOptions>;
  readonly backup?: Partial<TestPoolOptions>;
  /** Where the fault leaves so few that a gap would say nothing. */
  readonly sharesPerS?: number;
  /** Refused shares that the fault itself brings about: those that were on their way. */
  readonly allows?: OwnFaults;
  /** Seconds that the fault lasts after the switch, or in all when there is none. */
  readonly lastsS?: number;
  /** Seconds to the first share at the next pool. */
  readonly nextWithinS?: number;
  /** Seconds from health to the first share at the primary. */
  readonly backWithinS?: number;
  /** Growth of the controller that is allowed, MB. */
  readonly growthMb?: number;
  /** What the row is about, when its name does not say it. */
  readonly why?: string;
}

/** Documented: design, figures to hold. */
export const NEXT_WITHIN_S = 15;
export const BACK_WITHIN_S = 60;

export interface RowResult {
  readonly name: string;
  readonly expects: Expectation;
  readonly toNextS: number | null;
  readonly backS: number | null;
  readonly longestGapS: number | null;
  readonly shares: { readonly primary: number; readonly backup: number };
  readonly stale: number;
  readonly rssMb: number;
  readonly growthMb: number;
  readonly tookS: number;
  /** Empty when the row holds. */
  readonly failures: readonly string[];
}
