import type { ChainSettings } from "../asic/chain/bring-up-chain.js";
import type { RunningChain } from "../asic/chain/running-chain.js";
import type { BringUp, ChainGeometry } from "../asic/bring-up/steps.js";
import type { Network } from "../bitcoin/network.js";
import type { ChainPort, NonceRecord } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import { isMinerError, type MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import type { ChainWork } from "../mining/chain-work.js";
import type { ChainRates, RateMark } from "../mining/hashrate-book.js";

/** What a chain is to do as soon as its chips are up. */
export interface ChainOrder {
  readonly freqMHz: number;
  /** False: the chips stay clocked and get no work. */
  readonly works: boolean;
}

/** `waiting`: for its line, or to be brought up again at once; `failed`: its chips do not do what they should. */
export type ChainStanding = "off" | "pending" | "up" | "waiting" | "failed";

export interface ChainControllerOptions {
  readonly slot: number;
  readonly tty: string;
  readonly port: ChainPort;
  readonly bringUp: BringUp;
  readonly geometry: ChainGeometry;
  /** The clock is that of the first order. */
  readonly settings: ChainSettings;
  /** False: it must not be held in reset while other chains work. */
  readonly restsInReset: boolean;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the chain should make at the clock of the settings, TH/s. */
  readonly nominalThs: number;
  /** What a batch of answers proved is counted here. */
  readonly rates: ChainRates;
  /** True: the hash rate decides what the chips report, false: the settings' `ticketDifficulty` is the most. */
  readonly isTicketAutomatic: boolean;
  /** All answers, and those of them that prove work, each of at least `ticketDifficulty`. */
  readonly onNonces: (
    nonces: readonly NonceRecord[],
    verified: readonly NonceRecord[],
    ticketDifficulty: number,
  ) => void;
  /** The chain began or ceased to hash. */
  readonly onHashing: () => void;
  /** The chain came into another state. */
  readonly onState?: () => void;
}

export type ChainState =
  | { readonly is: "off" }
  | { readonly is: "bringingUp" }
  | { readonly is: "waitingForWork"; readonly chain: RunningChain }
  | {
      readonly is: "hashing";
      readonly chain: RunningChain;
      readonly work: ChainWork;
      readonly since: RateMark;
    }
  /** In reset until there is work. */
  | { readonly is: "idle" }
  /** `retryAtMs` is undefined while it waits for its line, and when it is given up. */
  | { readonly is: "faulted"; readonly error: MinerError; readonly retryAtMs: number | undefined }
  /** Its hashboard is not used. */
  | { readonly is: "isolated"; readonly error: MinerError };

export function standingOf(state: ChainState): ChainStanding {
  switch (state.is) {
    case "off":
    case "isolated":
      return "off";
    case "bringingUp":
      return "pending";
    case "waitingForWork":
    case "hashing":
    case "idle":
      return "up";
    case "faulted":
      return isMinerError(state.error, "LINK_HUNG_UP", "CHAIN_DEAD_MAN") ? "waiting" : "failed";
  }
}
