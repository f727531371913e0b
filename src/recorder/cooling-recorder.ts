import type { CoolingDecision, CoolingInputs, CoolingMemory } from "../cooling/cooling-inputs.js";
import type { CoolingPlan } from "../cooling/cooling-plan.js";
import type { CoolingWitness } from "../cooling/cooling-witness.js";
import type { FlightLog } from "./flight-log.js";
import type { CoolingEntry, KeptDecision, Origin } from "./flight-entry.js";
import { TreeWriter } from "./tree-writer.js";

const KEYFRAME_MS = 30_000;

export interface CoolingRecorderOptions {
  readonly log: FlightLog;
  readonly origin: () => Origin;
}

/** What a decision depended on beside its time, its plan and the memory of the one before, and what it was. */
export interface CoolingTurn {
  readonly inputs: Omit<CoolingInputs, "nowMs">;
  readonly decision: KeptDecision;
}

/** Keeps every decision of the cooling. */
export class CoolingRecorder implements CoolingWitness {
  readonly #options: CoolingRecorderOptions;
  readonly #tree = new TreeWriter();
  #keyMs = -Infinity;
  /** Of the last keyframe. */
  #plan: CoolingPlan | undefined;

  constructor(options: CoolingRecorderOptions) {
    this.#options = options;
  }

  decided(
    { nowMs, ...inputs }: CoolingInputs,
    plan: CoolingPlan,
    before: CoolingMemory,
    { dutyPct, powerSharePct, reason, fault }: CoolingDecision,
  ): void {
    const { log, origin } = this.#options;
    log.safely(() => {
      const turn: CoolingTurn = { inputs, decision: { dutyPct, powerSharePct, reason, fault } };
      const common = { kind: "cooling", atMs: nowMs } as const;
      let entry: CoolingEntry;
      if (nowMs - this.#keyMs >= KEYFRAME_MS || plan !== this.#plan) {
        this.#keyMs = nowMs;
        this.#plan = plan;
        const key = { ...origin(), plan, memory: before };
        entry = { ...common, key, all: this.#tree.all(turn, nowMs) };
      } else entry = { ...common, change: this.#tree.change(turn, nowMs) };
      log.add(entry);
    });
  }
}
