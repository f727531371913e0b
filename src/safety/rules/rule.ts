import type { ErrorCode } from "../../lib/errors.js";
import type { Finding } from "../../lib/finding.js";
import type { RailFacts, RailLimits } from "../rail-facts.js";

/** When a rule is asked. `foreign`: on, as a program before us left it, and not judged yet. */
export type Moment = "before" | "on" | "foreign" | "off";

/** `cut`: all power off. `isolate`: one slot is taken out, or all power off where that is not done in time. */
export type RuleAction = "cut" | "isolate" | "warn";

/** A finding of an `isolate` rule says which slot. */
export type RuleFinding = Finding & { readonly slot?: number };

/** One thing that must hold. Pure: what it says follows from its arguments alone. */
export interface SafetyRule {
  readonly name: string;
  /** What it says most often. */
  readonly code: ErrorCode;
  /** With its unit; where it depends on the machine, what of the machine's data it is. */
  readonly limit: string;
  /** The limit of one machine, where it depends on it. */
  readonly limitOf?: (limits: RailLimits) => string;
  readonly source: string;
  readonly evidence: "documented" | "captured" | "inferred";
  readonly action: RuleAction;
  /** What ends it. */
  readonly clears: string;
  readonly moments: readonly Moment[];
  /** What is not as it must be; nothing when all is well. */
  readonly check: (facts: RailFacts, limits: RailLimits, moment: Moment) => readonly RuleFinding[];
}

/** Power is on or is to be. */
export const POWERED: readonly Moment[] = ["before", "on"];
export const ALWAYS: readonly Moment[] = ["before", "on", "off"];

/** Most looks find nothing, and there are fifty a second. */
export const ALL_WELL: readonly RuleFinding[] = [];

export const CLEARS_BY_ITSELF =
  "when it holds again: the machine is tried again by itself, or at once with resume";
export const CLEARS_AT_START = "with the next start of the machine, or with resume";
