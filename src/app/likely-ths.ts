import type { ChainControllerOptions, ChainOrder, ChainState } from "./chain-state.js";

/** From then on the measured rate says more than the clock: two minutes make thousands of nonces. */
const MEASURED_S = 120;

/** What a chain should make now. */
export function nominalThsOf(state: ChainState): number {
  return state.is === "hashing" ? state.chain.expectedThs : 0;
}

/** TH/s that a chain makes when it works, as far as that is known: measured, or what it should make. */
export function likelyThs(
  {
    rates,
    nominalThs,
    settings,
  }: Pick<ChainControllerOptions, "rates" | "nominalThs" | "settings">,
  state: ChainState,
  isHashing: boolean,
  { works, freqMHz }: ChainOrder,
): number {
  if (state.is === "faulted" || state.is === "isolated") return 0;
  const measured = isHashing && state.is === "hashing" ? rates.since(state.since) : undefined;
  if (measured !== undefined && measured.seconds >= MEASURED_S) return measured.ths;
  // A sleeping chain will work at the clock that it had.
  return works ? (nominalThs * freqMHz) / settings.freqMHz : nominalThs;
}
