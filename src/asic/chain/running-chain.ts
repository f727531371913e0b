import type { ChainPort } from "../../hal/chain-port.js";
import { MinerError } from "../../lib/errors.js";
import type { BringUp, ChainGeometry, ChainSettings, Step } from "../bring-up/steps.js";
import { FAMILIES } from "../families.js";
import { hashrateThs, type AsicFamily } from "../family.js";
import {
  planFrequency,
  planHashCounting,
  RAMP_STEP_DELAY_MS,
  rampMHz,
  sliceNonces,
  type FrequencyPlan,
} from "../frequency.js";
import { jobTiming, type JobTiming } from "../job-interval.js";
import { FULL_VERSION_MASK, REGISTER, versionRollingWord } from "../registers.js";
import { ticketMask } from "../ticket-mask.js";
import { takeCensus, type ChipPlace } from "./chip-answers.js";
import type { StepRunner } from "./step-runner.js";

/** Nothing acknowledges a write; the captured sequences repeat the version rolling word three times. */
const UNACKNOWLEDGED_WRITES = 3;
/** While mining all answers of a chain come within 10 ms; nonces may be between them. */
const CENSUS_SILENCE_MS = 100;
const CENSUS_READS = 3;

export interface ChainReport {
  readonly expectedChips: number;
  readonly foundChips: number;
  /** Chips that did not answer after addressing; empty unless the settings allow a short chain. */
  readonly missing: readonly ChipPlace[];
  /** Chips that answered and whose cores stay closed, as chips of their domain are missing. */
  readonly left: readonly number[];
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly baud: number;
}

export interface WalkOptions {
  /** Ends the walk at the clock that was reached; `setFrequency` then rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** The chips have been told another sweep: `jobTiming` has changed. */
  readonly onSweep?: (() => void) | undefined;
}

/** Outcome of asking every chip of a working chain for its id. */
export interface ChainCheck {
  readonly foundChips: number;
  readonly missing: readonly ChipPlace[];
}

interface RunningChainOptions {
  readonly port: ChainPort;
  readonly bringUp: BringUp;
  readonly geometry: ChainGeometry;
  readonly settings: ChainSettings;
  readonly runner: StepRunner;
  readonly after: readonly Step[];
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** A chain that takes work: what can be asked of it and changed on it. */
export class RunningChain {
  readonly report: ChainReport;
  readonly #port: ChainPort;
  readonly #family: AsicFamily;
  readonly #bringUp: BringUp;
  readonly #geometry: ChainGeometry;
  readonly #stockHcn: number | undefined;
  readonly #runner: StepRunner;
  #after: readonly Step[];
  #freqMHz: number;
  #plan: FrequencyPlan;
  /** Whose sweep the chips have been told. */
  #sweepPlan: FrequencyPlan;
  /** Whose sweep the captured sequence tells them. */
  readonly #firstPlan: FrequencyPlan;
  #versionMask = FULL_VERSION_MASK;

  constructor(options: RunningChainOptions) {
    const { port, bringUp, geometry, settings, runner } = options;
    this.#port = port;
    this.#family = FAMILIES[bringUp.model];
    this.#bringUp = bringUp;
    this.#geometry = geometry;
    this.#stockHcn = settings.stockHashCountingNumber;
    this.#runner = runner;
    this.#after = options.after;
    this.#freqMHz = settings.freqMHz;
    this.#plan = this.#planFor(settings.freqMHz);
    this.#sweepPlan = this.#plan;
    this.#firstPlan = this.#plan;
    this.report = {
      expectedChips: geometry.chips,
      foundChips: runner.census.present.size,
      missing: runner.census.missing,
      left: runner.salvage?.left ?? [],
      attempts: options.attempts,
      elapsedMs: options.elapsedMs,
      baud: bringUp.miningBaud,
    };
  }

  /** What was asked of the PLLs, MHz. */
  get freqMHz(): number {
    return this.#freqMHz;
  }

  /** What the PLLs really make, MHz. */
  get actualMHz(): number {
    return this.#plan.actualMHz;
  }

  /** Chips whose cores are open. */
  get workingChips(): number {
    return this.report.foundChips - this.report.left.length;
  }

  /** What is lost where chips are missing; undefined on a whole chain. */
  get loss(): MinerError | undefined {
    const { salvage } = this.#runner;
    if (salvage === undefined) return undefined;
    return new MinerError("CHAIN_SALVAGED", { chain: this.#port.name, ...salvage.facts });
  }

  /** Hash rate of the chips that work, at the clock the PLLs make. */
  get expectedThs(): number {
    return hashrateThs(this.#family, this.workingChips, this.#plan.actualMHz);
  }

  /** How far each core sweeps. */
  get hashCountingNumber(): number {
    return this.#hashCountingFor(this.#sweepPlan);
  }

  /** When to send new work, at the present sweep and version mask. */
  get jobTiming(): JobTiming {
    return jobTiming({
      subCores: this.#family.subCores,
      hashCountingNumber: this.hashCountingNumber,
      versionMask: this.#versionMask,
      baud: this.#bringUp.miningBaud,
    });
  }

  /**
   * The part of the captured sequence that comes after the first work has left the UART; nothing for families where
   * all comes before. Call once, after `nextWorkSent`.
   */
  async finish(): Promise<void> {
    const steps = this.#after;
    this.#after = [];
    await this.#runner.run(steps);
    // The clock was changed before the first work came.
    if (steps.length > 0 && this.#sweepPlan !== this.#firstPlan)
      await this.#sweepAs(this.#sweepPlan, undefined);
  }

  /**
   * Walks to another clock in the steps of the ramp. The sweep is shortened before the clock rises and lengthened
   * after it fell, so that chips never overlap.
   * @throws PLL_UNREACHABLE before anything is sent.
   */
  async setFrequency(freqMHz: number, { signal, onSweep }: WalkOptions = {}): Promise<void> {
    const steps = rampMHz(this.#freqMHz, freqMHz).map((clock) => ({
      clock,
      plan: this.#planFor(clock),
    }));
    const target = this.#planFor(freqMHz);
    const isRising = freqMHz > this.#freqMHz;
    if (isRising) await this.#sweepAs(target, onSweep);
    for (const { clock, plan } of steps) {
      signal?.throwIfAborted();
      await this.#port.writeRegister("all", REGISTER.pll0, plan.pllWord, RAMP_STEP_DELAY_MS);
      this.#freqMHz = clock;
      this.#plan = plan;
    }
    if (!isRising) await this.#sweepAs(target, onSweep);
  }

  /** Lets the chips roll the bits of `mask` (of header bits 28:13) and no others. */
  async setVersionMask(mask: number): Promise<void> {
    const word = versionRollingWord(mask);
    for (let time = 0; time < UNACKNOWLEDGED_WRITES; ++time)
      await this.#port.writeRegister("all", REGISTER.versionRolling, word);
    this.#versionMask = (mask & FULL_VERSION_MASK) >>> 0;
  }

  /** Sets what the chips report; returns the difficulty in force, a power of two. */
  async setTicketDifficulty(difficulty: number): Promise<number> {
    const ticket = ticketMask(difficulty);
    for (let time = 0; time < UNACKNOWLEDGED_WRITES; ++time)
      await this.#port.writeRegister("all", REGISTER.ticketMask, ticket.registerValue);
    return ticket.difficulty;
  }

  /** Asks every chip for its id while the chain works: names the chips that went away. */
  async check(): Promise<ChainCheck> {
    const reads = [];
    for (;;) {
      reads.push(await this.#port.readRegister("all", REGISTER.chipId, CENSUS_SILENCE_MS));
      const { present, missing } = takeCensus(reads, this.#geometry);
      if (missing.length === 0 || reads.length === CENSUS_READS)
        return { foundChips: present.size, missing };
    }
  }

  #planFor(freqMHz: number): FrequencyPlan {
    return planFrequency(this.#family, this.#bringUp.solver, freqMHz);
  }

  #hashCountingFor(plan: FrequencyPlan): number {
    const slice = sliceNonces(this.#bringUp.sweepSplit, this.#geometry);
    return planHashCounting(this.#family, slice, plan.dividers, this.#stockHcn);
  }

  async #sweepAs(plan: FrequencyPlan, onSweep: WalkOptions["onSweep"]): Promise<void> {
    const value = this.#hashCountingFor(plan);
    for (let time = 0; time < UNACKNOWLEDGED_WRITES; ++time)
      await this.#port.writeRegister("all", REGISTER.hashCountingNumber, value);
    this.#sweepPlan = plan;
    onSweep?.();
  }
}
