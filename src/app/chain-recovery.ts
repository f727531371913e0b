import type { ChainPort } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";
import { LinkState } from "./link-state.js";
import { RetryPlan } from "./retry-plan.js";
import { untilAborted } from "./until-aborted.js";

export interface RecoveryPlan {
  readonly is: "atOnce" | "withLine" | "later" | "givenUp";
  /** Clock time of a retry that is planned. */
  readonly retryAtMs: number | undefined;
}

/** When a chain that failed is brought up again. */
export class ChainRecovery {
  readonly #clock: Clock;
  readonly #link: LinkState;
  readonly #retries: RetryPlan;
  #retryNow: () => void = () => undefined;

  constructor(port: ChainPort, clock: Clock) {
    this.#clock = clock;
    this.#link = new LinkState(port);
    this.#retries = new RetryPlan(clock);
  }

  /** The chain works from now on. */
  succeeded(): void {
    this.#retries.succeeded();
  }

  /** Somebody has looked at it: the wait is over, and all tries are to be had again. */
  retry(): void {
    this.#retries.forgive();
    this.#retryNow();
  }

  plan(error: MinerError): RecoveryPlan {
    if (error.code === "LINK_HUNG_UP") return { is: "withLine", retryAtMs: undefined };
    const nowMs = this.#clock.nowMs();
    if (error.code === "CHAIN_DEAD_MAN") return { is: "atOnce", retryAtMs: nowMs };
    const waitMs = this.#retries.failed();
    if (waitMs === undefined) return { is: "givenUp", retryAtMs: undefined };
    return { is: "later", retryAtMs: nowMs + waitMs };
  }

  /** Resolves when it is time, or when `stopped` is aborted. */
  async wait({ is, retryAtMs }: RecoveryPlan, stopped: AbortSignal): Promise<void> {
    // Aborted: the caller looks at the signal.
    const ignore = (): void => undefined;
    if (is === "withLine") return this.#link.up(stopped).catch(ignore);
    const retry = new AbortController();
    this.#retryNow = () => {
      retry.abort();
    };
    const signal = AbortSignal.any([stopped, retry.signal]);
    if (retryAtMs === undefined) return untilAborted(signal);
    await this.#clock.sleep(retryAtMs - this.#clock.nowMs(), signal).catch(ignore);
  }
}
