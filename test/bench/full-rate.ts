import type { Snapshot } from "../../src/telemetry/snapshot.js";
import { maximum } from "./statistics.js";
import type { WireTrace } from "./wire-trace.js";

const FULL_RATE_SHARE = 0.95;
/** Long enough for a rate to two percent. */
const WINDOW_US = 5_000_000;
const STEP_US = 100_000;

/** Begin of the first 5 s from `fromUs` on with 95 % of the hash rate; NaN when it is never reached. */
export function fullRateUs(
  snapshot: Snapshot,
  traces: readonly WireTrace[],
  fromUs: number,
): number {
  const [chain] = snapshot.chains;
  const noncesPerS = (snapshot.nominalThs * 1e12) / 2 ** 32 / (chain?.ticketDifficulty ?? NaN);
  const wanted = noncesPerS * FULL_RATE_SHARE * (WINDOW_US / 1e6);
  const timesUs = traces.flatMap(({ nonces }) => nonces.map(({ atUs }) => atUs));
  const endUs = maximum(timesUs);
  for (let beginUs = fromUs; beginUs + WINDOW_US <= endUs; beginUs += STEP_US) {
    const count = timesUs.filter((atUs) => atUs >= beginUs && atUs < beginUs + WINDOW_US).length;
    if (count >= wanted) return beginUs;
  }
  return NaN;
}

/** When the last chain began with its first work from `fromUs` on; Infinity when one never did. */
export function lastFirstWorkUs(traces: readonly WireTrace[], fromUs: number): number {
  return maximum(
    traces.map(({ works }) => works.find(({ atUs }) => atUs >= fromUs)?.atUs ?? Infinity),
  );
}
