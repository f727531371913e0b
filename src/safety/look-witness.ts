import type { Finding } from "../lib/finding.js";
import type { RailState } from "./rail-state.js";
import type { RailVerdict } from "./rail-verdict.js";
import type { Moment } from "./rules/rule.js";

/** One look at the facts, and what was decided. */
export interface Look {
  /** `lookOn` and `lookOff` act; else somebody asked whether the rules of that moment hold. */
  readonly how: "lookOn" | "lookOff" | Moment;
  readonly rail: RailState["is"];
  /** Clock time at which facts were gathered. */
  readonly atMs: number;
  /** Clock time of the look before, while the output is on. */
  readonly lookedMs: number;
  readonly verdict: RailVerdict;
  /** In the same look, after somebody was asked to take a slot out. */
  readonly again: RailVerdict | undefined;
  /** Why all power is cut. */
  readonly cut: readonly Finding[];
}

/** Hears of every look. Called between a look and what comes of it: must be quick and never throw. */
export interface LookWitness {
  /** The output is in another state. */
  began(atMs: number): void;
  looked(look: Look): void;
}
