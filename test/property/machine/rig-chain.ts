import type { ChainOrder, ChainStanding } from "../../../src/app/chain-state.js";
import type { TeamChain } from "../../../src/app/life-cycle/chain-team.js";
import { RetryPlan } from "../../../src/app/retry-plan.js";
import type { Clock } from "../../../src/lib/clock.js";
import { MinerError } from "../../../src/lib/errors.js";
import type { ChainFact } from "../../../src/safety/rail-facts.js";
import type { BoardChips } from "./board-chips.js";

/** About as long as a real chain takes to be counted and to have its cores opened. */
const BRING_UP_MS = 8000;
/** A lost chip is found by its missing nonces. */
const WATCH_MS = 1000;
/** The clock moves so far with each look. */
const WALK_MHZ = 50;

/**
 * What drives the chips of one board, in place of a ChainController: comes up after a while if the chips have power,
 * walks to the clock that was ordered, fails when they answer no more, and tries again.
 */
export class RigChain implements TeamChain {
  readonly slot: number;
  standing: ChainStanding = "off";
  error: MinerError | undefined;
  readonly #chips: BoardChips;
  readonly #clock: Clock;
  readonly #retries: RetryPlan;
  readonly #onState: () => void;
  #order: ChainOrder = { freqMHz: 0, works: false };
  #cancel: () => void = () => undefined;

  constructor(slot: number, chips: BoardChips, clock: Clock, onState: () => void) {
    this.slot = slot;
    this.#chips = chips;
    this.#clock = clock;
    this.#retries = new RetryPlan(clock);
    this.#onState = onState;
  }

  get isAtOrder(): boolean {
    return this.#chips.freqMHz === this.#order.freqMHz;
  }

  start(): void {
    this.#cancel();
    this.#chips.setReset(true);
    this.#chips.setReset(false);
    this.#enter("pending");
    this.#cancel = this.#clock.after(BRING_UP_MS, () => {
      if (!this.#chips.answers) {
        this.#fail();
        return;
      }
      this.error = undefined;
      this.#retries.succeeded();
      this.#enter("up");
      this.#watch();
    });
  }

  /** Out of reset with the others, at the clock that chips have by themselves, without work. */
  accompany(): void {
    this.#cancel();
    this.#chips.setReset(false);
  }

  stop(): Promise<void> {
    this.#cancel();
    this.#chips.setReset(true);
    this.#enter("off");
    return Promise.resolve();
  }

  async withdraw(error: MinerError): Promise<void> {
    await this.stop();
    this.isolate(error);
  }

  fact(): ChainFact {
    const isWorking = this.standing === "up" && this.#order.works;
    const { slot } = this;
    return { slot, isWorking, sinceS: 0, isWanted: isWorking, nonceAgeS: 0, givenUp: undefined };
  }

  isolate(error: MinerError): void {
    this.error = error;
    this.#enter("off");
  }

  obey(order: ChainOrder): void {
    this.#order = order;
    if (this.standing === "up") this.#chips.run(this.#chips.freqMHz, order.works);
  }

  retry(): void {
    this.#retries.forgive();
    if (this.standing === "failed") this.start();
  }

  #watch(): void {
    if (!this.#chips.answers) {
      this.#fail();
      return;
    }
    const { freqMHz, works } = this.#order;
    const atMHz = this.#chips.freqMHz;
    const stepMHz = Math.max(-WALK_MHZ, Math.min(WALK_MHZ, freqMHz - atMHz));
    this.#chips.run(atMHz + stepMHz, works);
    if (stepMHz !== 0 && this.isAtOrder) this.#onState();
    this.#cancel = this.#clock.after(WATCH_MS, () => {
      this.#watch();
    });
  }

  #fail(): void {
    this.error = new MinerError("CHAIN_SILENT", { chain: `chain${this.slot}` });
    const waitMs = this.#retries.failed();
    this.#enter("failed");
    this.#cancel =
      waitMs === undefined
        ? (): void => undefined
        : this.#clock.after(waitMs, () => {
            this.start();
          });
  }

  #enter(standing: ChainStanding): void {
    this.standing = standing;
    this.#onState();
  }
}
