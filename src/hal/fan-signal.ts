import { MinerError } from "../lib/errors.js";

/** The pulse of a duty. `inverted`: a longer pulse slows the fan down. @throws FIELD_INVALID */
export function pulseNs(
  group: string,
  dutyPct: number,
  periodNs: number,
  inverted: boolean,
): number {
  if (!(dutyPct >= 0 && dutyPct <= 100))
    throw new MinerError("FIELD_INVALID", { group, field: "dutyPct", dutyPct });
  return Math.round((periodNs * (inverted ? 100 - dutyPct : dutyPct)) / 100);
}

/** The duty of a pulse, 0 to 100. */
export function dutyPct(pulse: number, periodNs: number, inverted: boolean): number {
  const pct = (pulse / periodNs) * 100;
  return inverted ? 100 - pct : pct;
}

/** Turns a minute from the time between two pulses of a tach. */
export function rpmOf(periodNs: number, pulsesPerTurn: number): number {
  return 60e9 / (periodNs * pulsesPerTurn);
}
