import { COUNTER_SPAN, type Lattice, type PointList } from "./lattice.js";

/** One count of the hash counting number. Documented: fact sheet section 6.1, fitted to a log of a BM1366. */
const HCN_COUNT_MS = 80e-6;

/** Time that every core spends on one batch of versions. */
export function batchMs(hashCountingNumber: number): number {
  return hashCountingNumber * HCN_COUNT_MS;
}

/** How a chip walks through its part of the nonce space. */
export interface Sweep {
  /** When batch `originBatch` began, on the clock of the simulation. */
  readonly originMs: number;
  readonly originBatch: number;
  readonly batchMs: number;
  /** One counter a hash clock. */
  readonly countersPerMs: number;
  /** Counter at which every batch begins. */
  readonly startCounter: number;
  /** Batches until all versions have been used and the sweep repeats itself. */
  readonly epochBatches: number;
}

/** Moment at which a sweep meets a counter in one of its batches, counted from its origin. */
export function meetingMs(sweep: Sweep, batch: number, counter: number): number {
  const distance = (counter - sweep.startCounter + COUNTER_SPAN) % COUNTER_SPAN;
  return (batch - sweep.originBatch) * sweep.batchMs + distance / sweep.countersPerMs;
}

/**
 * Adds the points that the sweep passes from `fromMs` (inclusive) to `toMs` (exclusive). Intervals that touch
 * miss no point and give none twice.
 */
export function collectSwept(
  lattice: Lattice,
  jobSeed: number,
  sweep: Sweep,
  fromMs: number,
  toMs: number,
  points: PointList,
): void {
  const { originMs, countersPerMs, startCounter } = sweep;
  const window = sweep.batchMs * countersPerMs;
  for (let batch = Math.max(0, Math.floor((fromMs - originMs) / sweep.batchMs)); ; batch++) {
    const beginMs = originMs + batch * sweep.batchMs;
    if (beginMs >= toMs) return;
    const from = startCounter + Math.max(0, (fromMs - beginMs) * countersPerMs);
    const to = startCounter + Math.min(window, (toMs - beginMs) * countersPerMs);
    const epochBatch = (sweep.originBatch + batch) % sweep.epochBatches;
    // A sweep that runs over the end of the counter goes on at zero.
    for (let lap = Math.floor(from / COUNTER_SPAN) * COUNTER_SPAN; lap < to; lap += COUNTER_SPAN) {
      const first = points.count;
      lattice.collect(
        jobSeed,
        epochBatch,
        Math.max(from - lap, 0),
        Math.min(to - lap, COUNTER_SPAN),
        points,
      );
      const zeroMs = beginMs + (lap - startCounter) / countersPerMs;
      for (let i = first; i < points.count; i++) {
        points.batches[i] = epochBatch;
        points.timesMs[i] = zeroMs + (points.counters[i] ?? 0) / countersPerMs;
      }
    }
  }
}
