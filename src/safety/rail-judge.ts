import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";
import { errorOf, findingText, type Finding } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import type { Guard, GuardState } from "./guard.js";
import type { Look, LookWitness } from "./look-witness.js";
import type { GatheredFacts, RailFacts, RailLimits } from "./rail-facts.js";
import type { RailState } from "./rail-state.js";
import { railVerdict, type RailVerdict } from "./rail-verdict.js";
import type { Moment } from "./rules/rule.js";
import { SlotIsolations } from "./slot-isolations.js";
import type { TripBook } from "./trip-book.js";

/** How often facts are looked at while the output is on, and the guard is fed when they are good. */
export const FEED_MS = 20;

const UNGUARDED: GuardState = { is: "disarmed" };
const NONE: readonly never[] = [];

export interface RailJudgeOptions {
  readonly limits: RailLimits;
  readonly facts: () => GatheredFacts;
  readonly guard: Guard | undefined;
  readonly book: TripBook;
  readonly state: () => RailState;
  readonly clock: Clock;
  readonly log: Logger;
  /** A slot is to be taken out. */
  readonly onIsolate: (slot: number, error: MinerError) => void;
  readonly witness?: LookWitness | undefined;
}

/** Why all power is to be cut. */
export type CutReason = Pick<RailVerdict, "cut" | "facts">;

/** Holds the facts of each look to the rules, and has slots taken out. */
export class RailJudge {
  readonly #options: RailJudgeOptions;
  readonly #isolations = new SlotIsolations();
  #warnings: readonly Finding[] = [];
  /** Of the last look while the output was on. */
  #lookedMs = 0;
  /** When facts were gathered last. */
  #gatheredMs = 0;

  constructor(options: RailJudgeOptions) {
    this.#options = options;
  }

  /** What needs no cut and should be known. */
  get warnings(): readonly Finding[] {
    return this.#warnings;
  }

  /** The output is in another state from now on. */
  begin(): void {
    this.#isolations.clear();
    this.#lookedMs = this.#options.clock.nowMs();
    this.#options.witness?.began(this.#lookedMs);
  }

  /** A look took place that found all well and that nobody kept. */
  passOver(): void {
    this.#lookedMs = this.#options.clock.nowMs();
  }

  verdict(moment: Moment): RailVerdict {
    const verdict = this.#verdict(moment);
    this.#tell({ how: moment, ...this.#times, verdict, again: undefined, cut: NONE });
    return verdict;
  }

  /** What is known now; undefined when it cannot be gathered. */
  facts(): RailFacts | undefined {
    try {
      return this.#gather();
    } catch {
      return undefined; // what cuts now needs no facts
    }
  }

  /** A look while the output is off. */
  lookOff(): CutReason | undefined {
    const verdict = this.#verdict("off");
    this.#warn(verdict.warn);
    const { cut } = verdict;
    this.#tell({ how: "lookOff", ...this.#times, verdict, again: undefined, cut });
    return cut.length > 0 ? verdict : undefined;
  }

  /** A look while the output is on: feeds the guard where all is well. */
  lookOn(): CutReason | undefined {
    const verdict = this.#verdict("on");
    const times = this.#times;
    this.#lookedMs = this.#options.clock.nowMs();
    const again = this.#beginIsolations(verdict) ? this.#verdict("on") : undefined;
    const reason = this.#reasonToCut(again ?? verdict);
    this.#tell({ how: "lookOn", ...times, verdict, again, cut: reason?.cut ?? NONE });
    return reason;
  }

  get #times(): Pick<Look, "atMs" | "lookedMs"> {
    return { atMs: this.#gatheredMs, lookedMs: this.#lookedMs };
  }

  #verdict(moment: Moment): RailVerdict {
    return railVerdict(() => this.#gather(), this.#options.limits, moment);
  }

  #reasonToCut(verdict: RailVerdict): CutReason | undefined {
    const { cut, isolate, warn, facts } = verdict;
    this.#warn(warn);
    if (cut.length > 0 || facts === undefined) return verdict;
    this.#recordDone(facts);
    const reason = this.#isolations.reasonToCut(isolate, facts.poweredSlots, this.#lookedMs);
    if (reason !== undefined) return { cut: [reason], facts };
    if (isolate.length === 0) this.#options.guard?.feed();
    return undefined;
  }

  #tell(look: Omit<Look, "rail">): void {
    const { witness, state } = this.#options;
    witness?.looked({ ...look, rail: state().is });
  }

  /** Says whether anybody was asked to take a slot out. */
  #beginIsolations({ cut, isolate, facts }: RailVerdict): boolean {
    if (isolate.length === 0 || cut.length > 0 || facts === undefined) return false;
    const { poweredSlots } = facts;
    if (this.#isolations.reasonToCut(isolate, poweredSlots, this.#lookedMs) !== undefined)
      return false;
    const begun = this.#isolations.begin(isolate, facts, this.#lookedMs);
    for (const { finding } of begun) {
      const { code, context } = finding;
      this.#options.log.error({ broken: findingText(finding) }, "a slot is to be taken out");
      this.#options.onIsolate(finding.slot, errorOf({ code, context }));
    }
    return begun.length > 0;
  }

  #recordDone({ poweredSlots }: RailFacts): void {
    for (const { finding, facts } of this.#isolations.takeDone(poweredSlots))
      this.#options.book.record(finding, "isolate", { by: "rule", slot: finding.slot, facts });
  }

  #gather(): RailFacts {
    const { facts, guard, clock, state } = this.#options;
    const nowMs = clock.nowMs();
    this.#gatheredMs = nowMs;
    const { is, sinceMs } = state();
    const railSinceS = (nowMs - sinceMs) / 1000;
    const loopLagMs = is === "on" ? Math.max(0, nowMs - this.#lookedMs - FEED_MS) : 0;
    return { ...facts(), guard: guard?.state ?? UNGUARDED, loopLagMs, railSinceS };
  }

  #warn(warnings: readonly Finding[]): void {
    if (warnings.length === 0 && this.#warnings.length === 0) return;
    const before = this.#warnings;
    this.#warnings = warnings;
    for (const { code, context } of warnings)
      if (!before.some((each) => each.code === code))
        this.#options.log.warn({ code, ...context }, "not as it should be");
  }
}
