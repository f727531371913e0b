import type { Clock } from "../lib/clock.js";
import { findingOf, findingText, type Finding } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import type { CoolingDecision, CoolingInputs, CoolingReason } from "./cooling-inputs.js";
import type { CoolingMode, CoolingPlan } from "./cooling-plan.js";
import type { CoolingWitness } from "./cooling-witness.js";
import { decide, freshMemory } from "./decide.js";
import type { FanBank } from "./fan-bank.js";

/** Sensors and fans are read as often. */
const PERIOD_MS = 1000;
const FULL_PCT = 100;

/** What is known of the machine at the moment of a decision. */
export type CoolingFacts = Pick<CoolingInputs, "isPowered" | "slots" | "temperatures">;

/** Whoever leads the chains. */
export interface CoolingPartner {
  /** At the wall; undefined while nobody can say. */
  readonly powerW: () => number | undefined;
  /** The chains may have so much of the clock that is ordered. */
  readonly onPowerShare: (powerSharePct: number) => void;
}

export interface CoolingControlOptions {
  readonly plan: CoolingPlan;
  readonly fans: FanBank;
  /** Must not block. */
  readonly facts: () => CoolingFacts;
  readonly witness?: CoolingWitness | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Plain JSON. */
export interface CoolingControlSnapshot {
  readonly mode: CoolingMode;
  readonly dutyPct: number;
  /** Of the hottest board; null where nothing is driven to hold it. */
  readonly targetC: number | null;
  /** Null without one. */
  readonly quietCapPct: number | null;
  readonly reason: CoolingReason;
  /** Of the ordered clock, as much as the chains may have. */
  readonly powerSharePct: number;
  readonly trouble: Finding | null;
}

/**
 * Decides once a second what fans and clock are to do, and does it. It counts its time from when the last decision was
 * due, so that what holds it up is seen. The duty is written each time: a part that lost it gets it back.
 */
export class CoolingControl {
  readonly #options: CoolingControlOptions;
  #plan: CoolingPlan;
  #last: CoolingDecision;
  #dueMs = 0;
  #cancel: () => void = () => undefined;
  /** A write that is under way. */
  #writing: Promise<void> | undefined;
  #writeTrouble: Finding | undefined;
  #partner: CoolingPartner | undefined;

  constructor(options: CoolingControlOptions) {
    this.#options = options;
    this.#plan = options.plan;
    const memory = freshMemory(options.clock.nowMs());
    const { dutyPct, powerSharePct } = memory;
    this.#last = { dutyPct, powerSharePct, reason: "start", fault: null, memory };
  }

  /** Before there is one, the power counts as the rated one. */
  connect(partner: CoolingPartner): void {
    this.#partner = partner;
  }

  /** What it holds now. */
  get plan(): CoolingPlan {
    return this.#plan;
  }

  /** Other wishes of the owner, from the next decision on. Its mode must be the one that the machine was opened with. */
  follow(plan: CoolingPlan): void {
    this.#plan = plan;
  }

  start(): void {
    this.#dueMs = this.#options.clock.nowMs();
    this.#turn();
  }

  /**
   * The duty stays as it is when the machine is off and cool; else it is full, as nobody looks after the fans any more.
   * Rejects with PWM_FAILED.
   */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#writing;
    if (this.#last.reason !== "cool") await this.#options.fans.setAll(FULL_PCT);
  }

  snapshot(): CoolingControlSnapshot {
    const plan = this.#plan;
    const { dutyPct, reason, powerSharePct, fault } = this.#last;
    return {
      mode: plan.mode,
      ...{ dutyPct, reason, powerSharePct },
      targetC: plan.mode === "air" ? plan.board.targetC : null,
      quietCapPct: plan.maxDutyPct < FULL_PCT ? plan.maxDutyPct : null,
      trouble: fault ?? this.#writeTrouble ?? null,
    };
  }

  #turn(): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    this.#decide(nowMs);
    this.#dueMs += PERIOD_MS;
    // Turns that were missed are not made up for.
    if (this.#dueMs <= nowMs) this.#dueMs = nowMs + PERIOD_MS;
    this.#cancel = clock.after(this.#dueMs - nowMs, () => {
      this.#turn();
    });
  }

  #decide(nowMs: number): void {
    const { fans, facts, witness } = this.#options;
    const plan = this.#plan;
    const before = this.#last;
    const lateMs = Math.max(0, nowMs - this.#dueMs);
    const { isProving, areLearnt: areFansLearnt } = fans;
    const powerW = this.#partner?.powerW();
    const seen = { isProving, areFansLearnt, fans: fans.facts(), powerW };
    const inputs = { nowMs, lateMs, ...seen, ...facts() };
    this.#last = decide(inputs, plan, before.memory);
    witness?.decided(inputs, plan, before.memory, this.#last);
    this.#tell(before);
    const { powerSharePct } = this.#last;
    if (powerSharePct !== before.powerSharePct) this.#partner?.onPowerShare(powerSharePct);
    // Who proves them holds them at full duty.
    if (!isProving) this.#writing ??= this.#write(this.#last.dutyPct);
  }

  async #write(dutyPct: number): Promise<void> {
    try {
      await this.#options.fans.setAll(dutyPct);
      this.#writeTrouble = undefined;
    } catch (error) {
      this.#writeTrouble ??= this.#warn(findingOf(error, {}, "PWM_FAILED"), "fans not set");
    } finally {
      this.#writing = undefined;
    }
  }

  #tell(before: CoolingDecision): void {
    const { log } = this.#options;
    const { reason, dutyPct, powerSharePct, fault } = this.#last;
    if (fault !== null && fault.code !== before.fault?.code) this.#warn(fault, "cooling");
    else if (reason !== before.reason) log.info({ reason, dutyPct }, "cooling");
    if (powerSharePct !== before.powerSharePct) log.warn({ powerSharePct }, "clock by heat");
  }

  #warn(finding: Finding, what: string): Finding {
    this.#options.log.warn({ error: findingText(finding) }, what);
    return finding;
  }
}
