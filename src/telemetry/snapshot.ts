import type { ChainCounters } from "../hal/chain-port.js";
import type { CountersState } from "../mining/counters-state.js";
import type { PoolCredit } from "../mining/credit-watch.js";
import type { ChipRates } from "../mining/hashrate-book.js";
import type { RateWindows } from "../mining/rate-windows.js";
import type { GroupPoolSnapshot, GroupSnapshot } from "../pool/pools/pool-set-snapshot.js";
import type { ChainOrderSnapshot } from "./chain-order-snapshot.js";
import type { ErrorSnapshot } from "./error-snapshot.js";
import type { MachineSnapshot } from "./machine-snapshot.js";
import type { UpdateSnapshot } from "./update-snapshot.js";

/**
 * `idle`: held in reset because no pool has had work for long; `isolated`: its hashboard is not used, for the reason
 * that `error` names.
 */
export type ChainStateName =
  "off" | "bringingUp" | "waitingForWork" | "hashing" | "idle" | "faulted" | "isolated";

export interface ChainSnapshot {
  /** Slot of the hashboard, from 0. */
  readonly slot: number;
  readonly state: ChainStateName;
  readonly tty: string;
  readonly expectedChips: number;
  /** Chips that answered at the last count. */
  readonly chips: number;
  readonly freqMHz: number;
  /** Chips that answered x hash units x what the PLL really makes. */
  readonly nominalThs: number;
  /** From verified nonces since the chain began to hash. */
  readonly hashrateThs: number;
  /** One standard deviation. */
  readonly hashrateUncertaintyThs: number;
  /** Over wall time: a chain that is off makes nothing. */
  readonly hashrate: RateWindows;
  readonly chipHashrate15m: ChipRates;
  readonly ticketDifficulty: number;
  readonly jobIntervalMs: number;
  /** Times that the chain was brought up. */
  readonly bringUps: number;
  readonly error: ErrorSnapshot | null;
  /** Until a chain that failed is tried again; null when nothing is planned. */
  readonly retryInS: number | null;
  readonly counters: ChainCounters;
  /** By chip index: verified nonces and hardware errors. */
  readonly chipNonces: readonly number[];
  readonly chipHardwareErrors: readonly number[];
}

export interface ProcessSnapshot {
  readonly pid: number;
  readonly uptimeS: number;
  readonly rssMb: number;
  /** User and system time of all threads. */
  readonly cpuS: number;
}

export interface PoolStatus extends Omit<GroupPoolSnapshot, "lastError"> {
  readonly lastError: ErrorSnapshot | null;
}

export interface PoolGroupStatus extends Omit<GroupSnapshot, "pools"> {
  /** In order of preference. */
  readonly pools: readonly PoolStatus[];
}

/** What the whole program looks like at one moment. Plain JSON. */
export interface Snapshot extends MachineSnapshot {
  readonly version: string;
  readonly machine: string;
  readonly controlBoard: string;
  readonly network: "mainnet" | "virtual";
  readonly chainOrder: ChainOrderSnapshot;
  readonly process: ProcessSnapshot;
  /** Absent where the machine has no slots. */
  readonly update?: UpdateSnapshot;
  /** Sum of the chains' rates, each since it began to hash. */
  readonly hashrateThs: number;
  /** Of the machine, over wall time. */
  readonly hashrate: RateWindows;
  readonly nominalThs: number;
  /** What each pool credits beside what was worked for it, with alarms where the two part. */
  readonly credit: readonly PoolCredit[];
  /** Counts that outlive the process. */
  readonly lifetime: CountersState;
  /** Shares whose job no pool knew any more; they were not sent. */
  readonly droppedUnowned: number;
  /** Seconds from start of the process to the first accepted share; null before. */
  readonly firstShareS: number | null;
  readonly chains: readonly ChainSnapshot[];
  /** The pool that has the hash power (of several groups the first one's), or the first of all. */
  readonly pool: PoolStatus;
  readonly poolGroups: readonly PoolGroupStatus[];
}
