import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";
import type { ChainSnapshot, ChainStateName } from "../telemetry/snapshot.js";
import type { ChainControllerOptions, ChainState } from "./chain-state.js";

export interface ChainFacts {
  readonly state: ChainState;
  /** The chips are up and have work. */
  readonly isHashing: boolean;
  readonly error: MinerError | undefined;
  readonly bringUps: number;
  readonly ticketDifficulty: number;
}

/** What a chain looks like to whoever asks. */
export function chainSnapshot(
  { slot, tty, port, geometry, rates, clock }: ChainControllerOptions,
  { state, isHashing, error, bringUps, ticketDifficulty }: ChainFacts,
): ChainSnapshot {
  const chain = state.is === "hashing" || state.is === "waitingForWork" ? state.chain : undefined;
  const since = state.is === "hashing" && isHashing ? rates.since(state.since) : undefined;
  const isWithoutWork = state.is === "hashing" && !isHashing;
  const { cores, valid, hardwareErrors } = port.coreCounters();
  const perChip = (counts: Uint32Array): number[] =>
    Array.from({ length: geometry.chips }, (_, chip) =>
      counts.subarray(chip * cores, (chip + 1) * cores).reduce((sum, count) => sum + count, 0),
    );
  return {
    slot,
    state: (isWithoutWork ? "waitingForWork" : state.is) satisfies ChainStateName,
    tty,
    expectedChips: geometry.chips,
    chips: chain?.workingChips ?? 0,
    freqMHz: chain?.actualMHz ?? 0,
    nominalThs: chain?.expectedThs ?? 0,
    hashrateThs: since?.ths ?? 0,
    hashrateUncertaintyThs: since?.uncertaintyThs ?? 0,
    hashrate: rates.windows(),
    chipHashrate15m: rates.chips("15m"),
    ticketDifficulty,
    jobIntervalMs: chain?.jobTiming.intervalMs ?? 0,
    bringUps,
    error: error === undefined ? null : { code: error.code, context: error.context },
    retryInS: retryInS(state, clock),
    counters: port.counters(),
    chipNonces: perChip(valid),
    chipHardwareErrors: perChip(hardwareErrors),
  };
}

function retryInS(state: ChainState, clock: Clock): number | null {
  const retryAtMs = state.is === "faulted" ? state.retryAtMs : undefined;
  return retryAtMs === undefined ? null : Math.max(0, retryAtMs - clock.nowMs()) / 1000;
}
