import type { CoolingInputs, CoolingMemory } from "../../cooling/cooling-inputs.js";
import type { CoolingPlan } from "../../cooling/cooling-plan.js";
import { decide } from "../../cooling/decide.js";
import { findingText } from "../../lib/finding.js";
import type { CoolingTurn } from "../cooling-recorder.js";
import type { CoolingEntry, KeptDecision } from "../flight-entry.js";
import { TreeReader } from "../tree-reader.js";
import { isCloseEnough } from "./close-enough.js";

export interface DecisionVerdict {
  readonly then: string;
  readonly now: string;
  readonly isSame: boolean;
}

/** Decides again what the cooling decided, from one keyframe on: each decision goes on with the memory of the one before. */
export class CoolingReplay {
  readonly #tree = new TreeReader();
  #plan: CoolingPlan;
  #memory: CoolingMemory;

  /** @param first has a keyframe */
  constructor(first: CoolingEntry) {
    if (first.key === undefined) throw new RangeError("no keyframe");
    this.#plan = first.key.plan;
    this.#memory = first.key.memory;
  }

  decide({ atMs, key, all, change }: CoolingEntry): DecisionVerdict {
    // The owner may have other wishes by now.
    if (key !== undefined) this.#plan = key.plan;
    if (all !== undefined) this.#tree.begin(all);
    if (change !== undefined) this.#tree.follow(change);
    const turn = this.#tree.at(atMs) as CoolingTurn;
    const inputs: CoolingInputs = { nowMs: atMs, ...turn.inputs };
    const { memory, ...decision } = decide(inputs, this.#plan, this.#memory);
    this.#memory = memory;
    const isSame = isCloseEnough(turn.decision, decision);
    return { then: textOf(turn.decision), now: textOf(decision), isSame };
  }
}

function textOf({ dutyPct, powerSharePct, reason, fault }: KeptDecision): string {
  const why = fault === null ? reason : `${reason} for ${findingText(fault)}`;
  return `fans at ${dutyPct.toFixed(2)} %, clock at ${powerSharePct.toFixed(2)} % (${why})`;
}
