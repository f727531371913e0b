import { atMost, type Row } from "../rows.js";
import { maximum } from "../statistics.js";
import type { Evidence } from "./latency.js";

const FIRST_WORK_LIMIT_S = 30;
const FULL_RATE_LIMIT_S = 60;
const FULL_RATE_SHARE = 0.95;
/** Long enough for a rate to two percent. */
const WINDOW_US = 5_000_000;
const STEP_US = 100_000;

/** How long a cold start takes, from the start of the controller's process. */
export function startRows(evidence: Evidence): readonly Row[] {
  const { startUs, traces, firstAcceptedUs } = evidence;
  const secondsSince = (atUs: number): number => (atUs - startUs) / 1e6;
  const firstWorksUs = traces.map(({ works }) => works[0]?.atUs ?? NaN);
  return [
    {
      name: "start.bring-up",
      figure: maximum(traces.map(({ startUs: us }, i) => ((firstWorksUs[i] ?? NaN) - us) / 1e6)),
      unit: "s",
      note: "slowest chain, from its first byte to its first work",
    },
    {
      name: "start.first-work",
      figure: secondsSince(maximum(firstWorksUs)),
      unit: "s",
      limit: atMost(FIRST_WORK_LIMIT_S),
      note: "all chains",
    },
    {
      name: "start.first-accepted-share",
      figure: secondsSince(firstAcceptedUs ?? NaN),
      unit: "s",
    },
    {
      name: "start.full-rate",
      figure: secondsSince(fullRateUs(evidence)),
      unit: "s",
      limit: atMost(FULL_RATE_LIMIT_S),
      note: "begin of the first 5 s with 95 % of the hash rate",
    },
  ];
}

/** NaN when the rate is never reached. */
function fullRateUs({ snapshot, traces, startUs }: Evidence): number {
  const [chain] = snapshot.chains;
  const noncesPerS = (snapshot.nominalThs * 1e12) / 2 ** 32 / (chain?.ticketDifficulty ?? NaN);
  const wanted = noncesPerS * FULL_RATE_SHARE * (WINDOW_US / 1e6);
  const timesUs = traces.flatMap(({ nonces }) => nonces.map(({ atUs }) => atUs));
  const endUs = maximum(timesUs);
  for (let fromUs = startUs; fromUs + WINDOW_US <= endUs; fromUs += STEP_US) {
    const count = timesUs.filter((atUs) => atUs >= fromUs && atUs < fromUs + WINDOW_US).length;
    if (count >= wanted) return fromUs;
  }
  return NaN;
}
