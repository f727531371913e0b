import { findingOf, type Finding } from "../lib/finding.js";
import type { RailFacts, RailLimits } from "./rail-facts.js";
import { RAIL_RULES } from "./rail-rules.js";
import type { Moment, RuleFinding, SafetyRule } from "./rules/rule.js";

const MOMENTS: Readonly<Record<Moment, readonly SafetyRule[]>> = {
  before: RAIL_RULES.filter(({ moments }) => moments.includes("before")),
  on: RAIL_RULES.filter(({ moments }) => moments.includes("on")),
  foreign: RAIL_RULES.filter(({ moments }) => moments.includes("foreign")),
  off: RAIL_RULES.filter(({ moments }) => moments.includes("off")),
};

export interface SlotFinding extends Finding {
  readonly slot: number;
}

/** What follows from the facts of one moment. */
export interface RailVerdict {
  /** What was judged; undefined when it could not be gathered. */
  readonly facts: RailFacts | undefined;
  /** Reasons to cut all power. */
  readonly cut: readonly Finding[];
  /** Reasons to take a slot out. */
  readonly isolate: readonly SlotFinding[];
  readonly warn: readonly Finding[];
}

const NONE: readonly never[] = [];

/** Holds the facts to all rules of a moment. */
export function railVerdict(
  gather: () => RailFacts,
  limits: RailLimits,
  moment: Moment,
): RailVerdict {
  let facts: RailFacts | undefined;
  let cut: Finding[] | undefined;
  let isolate: SlotFinding[] | undefined;
  let warn: Finding[] | undefined;
  try {
    facts = gather();
    for (const { action, check } of MOMENTS[moment])
      for (const found of check(facts, limits, moment))
        if (action === "warn") (warn ??= []).push(found);
        else if (action === "isolate" && hasSlot(found)) (isolate ??= []).push(found);
        else (cut ??= []).push(found);
  } catch (error) {
    // Whoever gathers facts may fail; then nothing is proven.
    (cut ??= []).push(findingOf(error, { rail: "facts" }));
  }
  return { facts, cut: cut ?? NONE, isolate: isolate ?? NONE, warn: warn ?? NONE };
}

function hasSlot(found: RuleFinding): found is RuleFinding & SlotFinding {
  return found.slot !== undefined;
}
