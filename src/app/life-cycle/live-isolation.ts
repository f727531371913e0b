import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import { findingOf, findingText, type Finding } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { ChainTeam } from "./chain-team.js";
import { Isolations } from "./isolations.js";
import type { LifeHardware } from "./life-hardware.js";

export interface LiveIsolationOptions {
  readonly hardware: LifeHardware;
  readonly team: ChainTeam;
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborted when the machine goes down; another one with each of its starts. */
  readonly signal: () => AbortSignal;
  /** Another verdict of a slot: why it is not used, or undefined when it is used again. */
  readonly onVerdict: (slot: number, reason: Finding | undefined) => void;
}

/** Takes boards out of the running machine, and back. */
export class LiveIsolation {
  readonly #options: LiveIsolationOptions;
  readonly #isolations: Isolations;
  #out: readonly number[] = [];
  /** On their way back: a second order must not disturb that. */
  readonly #returning = new Set<number>();

  constructor(options: LiveIsolationOptions) {
    this.#options = options;
    this.#isolations = new Isolations(options.clock);
  }

  /** Boards that were taken out too often to be tried with the next start. */
  get spent(): ReadonlyMap<number, Finding> {
    return this.#isolations.spent();
  }

  /** The machine starts anew: all boards are judged anew. */
  reset(): void {
    this.#out = [];
  }

  /** Somebody has looked at the boards. */
  forgive(): void {
    this.#isolations.forgive();
  }

  /** Hears which boards to take out; the returned function ends that. */
  listen(): () => void {
    return this.#options.hardware.onIsolate((slot, error) => void this.#takeOut(slot, error));
  }

  /** Takes back what can be taken back; returns how many are tried. */
  retry(): number {
    const { signal } = this.#options;
    const slots = this.#out.filter((slot) => !this.#returning.has(slot));
    for (const slot of slots) {
      this.#returning.add(slot);
      const back = this.#bringBack(slot, signal()).finally(() => this.#returning.delete(slot));
      // The turn ended: the next start judges it.
      void back.catch(() => undefined);
    }
    return this.#out.length;
  }

  /** The others go on. Where the chain cannot be held in reset, the interlock cuts all power. */
  async #takeOut(slot: number, error: MinerError): Promise<void> {
    const { hardware, team, log } = this.#options;
    const signal = this.#options.signal();
    try {
      await team.withdraw(slot, error);
    } catch (cause) {
      log.error({ slot, error: findingText(findingOf(cause)) }, "chain is not held in reset");
      return;
    }
    if (signal.aborted) return;
    hardware.takeOut(slot, error);
    this.#isolations.note(slot, error);
    this.#out = [...new Set([...this.#out, slot])];
    log.error({ slot, code: error.code, ...error.context }, "board is taken out, the others go on");
    this.#options.onVerdict(slot, findingOf(error));
  }

  /** @throws the reason of the signal */
  async #bringBack(slot: number, signal: AbortSignal): Promise<void> {
    const { hardware, team, log } = this.#options;
    const refusal = await hardware.bringBack(slot, signal);
    signal.throwIfAborted();
    if (refusal !== undefined) {
      log.warn({ slot, error: findingText(refusal) }, "board is not taken back");
      return;
    }
    this.#out = this.#out.filter((each) => each !== slot);
    log.info({ slot }, "board is taken back");
    this.#options.onVerdict(slot, undefined);
    team.join(slot);
  }
}
