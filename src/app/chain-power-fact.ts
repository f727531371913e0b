import type { Clock } from "../lib/clock.js";
import type { ChainFact } from "../safety/rail-facts.js";
import { standingOf, type ChainState } from "./chain-state.js";

/** What the permit of the rail wants to know of a chain. */
export class ChainPowerFact {
  readonly #clock: Clock;
  /** Since when it has work, or has none. */
  #sinceMs: number;
  #nonceMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  /** It began or ceased to hash. */
  changed(): void {
    this.#sinceMs = this.#clock.nowMs();
  }

  nonces(count: number): void {
    if (count > 0) this.#nonceMs = this.#clock.nowMs();
  }

  now(slot: number, state: ChainState, isWorking: boolean, works: boolean): ChainFact {
    const nowMs = this.#clock.nowMs();
    return {
      slot,
      isWorking,
      sinceS: (nowMs - this.#sinceMs) / 1000,
      isWanted: works && state.is !== "off" && state.is !== "isolated",
      nonceAgeS: this.#nonceMs === undefined ? Infinity : (nowMs - this.#nonceMs) / 1000,
      givenUp: givenUpOf(state),
    };
  }
}

/** What it failed of for good; one that waits for its line is not given up. */
function givenUpOf(state: ChainState): ChainFact["givenUp"] {
  if (state.is !== "faulted" || state.retryAtMs !== undefined) return undefined;
  return standingOf(state) === "failed" ? state.error : undefined;
}
