import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import { hexNumber } from "../../lib/bytes.js";
import type { ChainPort, ChipTarget, RegisterAnswer } from "../../hal/chain-port.js";
import type { ChainGeometry, Step } from "../bring-up/steps.js";
import type { AsicFamily } from "../family.js";
import { REGISTER } from "../registers.js";
import { chipIdOf, damageFacts, takeCensus, type AddressCensus } from "./chip-answers.js";
import type { ResetPlace } from "./reset-group.js";
import { salvage, type Salvage } from "./salvage.js";

/** Answers get lost on a noisy line; a read that found too little is made again before anything is concluded. */
const READS = 3;
/** Pause after each frame while a break is located: the pace of the stock firmware. */
const LOCATE_PAUSE_MS = 10;

export interface StepRunnerOptions {
  readonly port: ChainPort;
  readonly family: AsicFamily;
  readonly geometry: ChainGeometry;
  readonly allowShortChain: boolean;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Chains that leave reset together with this one. */
  readonly together?: ResetPlace | undefined;
}

/** Executes steps on one chain, one after another. */
export class StepRunner {
  readonly #port: ChainPort;
  readonly #family: AsicFamily;
  readonly #geometry: ChainGeometry;
  readonly #allowShortChain: boolean;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #together: ResetPlace | undefined;
  #responseLength: 9 | 11 = 9;
  #census: AddressCensus;
  #salvage: Salvage | undefined;

  constructor(options: StepRunnerOptions) {
    this.#port = options.port;
    this.#family = options.family;
    this.#geometry = options.geometry;
    this.#allowShortChain = options.allowShortChain;
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#together = options.together;
    this.#census = takeCensus([], options.geometry);
  }

  /** Which chips answered after addressing. */
  get census(): AddressCensus {
    return this.#census;
  }

  /** What works of a chain with missing chips; undefined when all do. */
  get salvage(): Salvage | undefined {
    return this.#salvage;
  }

  /**
   * @throws CHAIN_SILENT, CHAIN_BROKEN, CHAIN_EXTRA_CHIPS, CHAIN_WRONG_CHIP, CHAIN_REGISTER_TIMEOUT and what the port
   *   throws; the reason of the signal when it is aborted.
   */
  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#signal?.throwIfAborted();
      await this.#execute(step);
    }
  }

  /**
   * Gives the chips of a chain at its reset rate addresses and counts them: names the chip where a chain that answers
   * incompletely breaks.
   */
  async locateBreak(silenceMs: number): Promise<AddressCensus> {
    await this.#port.chainInactive(LOCATE_PAUSE_MS);
    for (let chip = 0; chip < this.#geometry.chips; ++chip)
      await this.#port.setAddress(chip * this.#geometry.addressStep, LOCATE_PAUSE_MS);
    return this.#takeCensus(silenceMs);
  }

  async #execute(step: Step): Promise<void> {
    switch (step.is) {
      case "reset":
        await this.#reset(step.lowMs, step.highMs);
        return;
      case "hostBaud":
        await this.#port.setBaud(step.baud, step.settleMs);
        return;
      case "discover":
        await this.#discover(step.silenceMs);
        return;
      case "chainInactive":
        await this.#port.chainInactive(step.delayAfterMs);
        return;
      case "setAddress":
        await this.#port.setAddress(step.address, step.delayAfterMs);
        return;
      case "checkAddresses":
        await this.#checkAddresses(step.silenceMs);
        return;
      case "checkLink":
        await this.#checkLink(step.silenceMs);
        return;
      case "write":
        await this.#write(step);
        return;
      case "delay":
        await this.#clock.sleep(step.ms, this.#signal);
        return;
      case "firstWork":
        throw new MinerError("INTERNAL", { step: step.is });
    }
  }

  async #reset(lowMs: number, highMs: number): Promise<void> {
    this.#salvage = undefined;
    await this.#port.setReset(true);
    await this.#together?.ready(this.#signal);
    await this.#clock.sleep(lowMs, this.#signal);
    await this.#port.setResponseLength(9);
    this.#responseLength = 9;
    await this.#port.setReset(false);
    await this.#clock.sleep(highMs, this.#signal);
  }

  async #write(step: Extract<Step, { is: "write" }>): Promise<void> {
    if (step.opensCores === true && !this.#mayWork(step.target)) return;
    await this.#port.writeRegister(step.target, step.register, step.value, step.delayAfterMs);
    // From the first automatic version rolling on, every answer carries a version field.
    if (step.register === REGISTER.versionRolling && this.#responseLength === 9) {
      await this.#port.setResponseLength(11);
      this.#responseLength = 11;
    }
  }

  #mayWork(target: ChipTarget): boolean {
    if (this.#salvage === undefined || target === "all") return true;
    return this.#salvage.working.has(target / this.#geometry.addressStep);
  }

  /** Counts chips while none has an address: all answer as address 0, one after another. */
  async #discover(silenceMs: number): Promise<void> {
    let best: RegisterAnswer[] = [];
    for (let read = 0; read < READS; ++read) {
      const answers = await this.#readAll(silenceMs);
      if (this.#isComplete(answers)) return;
      if (answers.length > best.length) best = answers;
    }
    this.#judgeDiscovery(best);
  }

  #isComplete(answers: readonly RegisterAnswer[]): boolean {
    const { chipId } = this.#family;
    return (
      answers.length === this.#geometry.chips &&
      answers.every((answer) => chipIdOf(answer) === chipId)
    );
  }

  #judgeDiscovery(answers: readonly RegisterAnswer[]): void {
    const facts = {
      chain: this.#port.name,
      expected: this.#geometry.chips,
      found: answers.length,
    };
    if (answers.length === 0) throw new MinerError("CHAIN_SILENT", facts);
    const wrong = answers.findIndex((answer) => chipIdOf(answer) !== this.#family.chipId);
    const wrongAnswer = answers[wrong];
    if (wrongAnswer !== undefined)
      throw new MinerError("CHAIN_WRONG_CHIP", {
        ...facts,
        chip: wrong,
        expectedId: hexNumber(this.#family.chipId, 4),
        foundId: hexNumber(chipIdOf(wrongAnswer), 4),
      });
    if (answers.length > this.#geometry.chips) throw new MinerError("CHAIN_EXTRA_CHIPS", facts);
    if (!this.#allowShortChain) throw new MinerError("CHAIN_BROKEN", facts);
  }

  async #checkAddresses(silenceMs: number): Promise<void> {
    this.#census = await this.#takeCensus(silenceMs);
    if (this.#census.present.size === 0)
      throw new MinerError("CHAIN_SILENT", { chain: this.#port.name, stage: "addressed" });
    const isWhole = this.#census.missing.length === 0 && this.#census.strayAddresses.length === 0;
    const isSaved = !isWhole && this.#allowShortChain;
    this.#salvage = isSaved ? salvage(this.#census, this.#geometry) : undefined;
    if (!isWhole && this.#salvage === undefined)
      throw new MinerError("CHAIN_BROKEN", {
        chain: this.#port.name,
        ...damageFacts(this.#census, this.#geometry),
      });
  }

  async #takeCensus(silenceMs: number): Promise<AddressCensus> {
    const reads: RegisterAnswer[][] = [];
    for (;;) {
      reads.push(await this.#readAll(silenceMs));
      const census = takeCensus(reads, this.#geometry);
      if (census.missing.length === 0 || reads.length === READS) return census;
    }
  }

  #readAll(silenceMs: number): Promise<RegisterAnswer[]> {
    return this.#port.readRegister("all", REGISTER.chipId, silenceMs, this.#geometry.chips);
  }

  /** The last chip that is there answers through all others, so one read proves the whole line. */
  async #checkLink(silenceMs: number): Promise<void> {
    const last = Math.max(...this.#census.present);
    for (let read = 1; ; ++read) {
      try {
        const address = last * this.#geometry.addressStep;
        await this.#port.readRegister(address, REGISTER.chipId, silenceMs);
        return;
      } catch (error) {
        if (!isMinerError(error, "CHAIN_REGISTER_TIMEOUT") || read === READS) throw error;
      }
    }
  }
}
