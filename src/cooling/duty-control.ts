import type { CoolingMemory } from "./cooling-inputs.js";
import type { CoolingPlan } from "./cooling-plan.js";

/**
 * Gains, in percent of duty. Inferred: tuned on the virtual machine, whose boards follow in some 40 seconds and give 0.2
 * to 0.6 degrees for each percent of duty, and chosen well below what becomes unsteady there, as heat sinks of real
 * machines are heavier. For the stock S21 board test a fact sheet has 9.5 and 1.0 in units that nobody knows.
 */
const PER_C = 4;
const PER_C_AND_S = 0.09;
const PER_C_PER_S = 20;
/** Duty that a machine at its rated power needs in a warm room. Inferred from the virtual machine; the rest is learnt. */
const FULL_POWER_DUTY_PCT = 80;
/** Power above the rated one still counts, to here. */
const MOST_POWER_SHARE = 1.2;
/**
 * A cold machine asks for no less than one so far below its target, and less is learnt of it still: it will not stay
 * cold. Inferred: with more the fans came too late on the virtual machine.
 */
const COLDEST_C = -8;
const COLDEST_LEARNT_C = -1;
const MOST_INTEGRAL_PCT = 80;
/** Changes below this are not made: nobody hears them and fans do not follow. Inferred. */
const DEADBAND_PCT = 0.7;
/** Fans slow down no faster: what was hot a moment ago is not trusted to be cool. Inferred. */
const SLOWER_PCT_PER_S = 2;

export interface DutyStep {
  readonly dutyPct: number;
  readonly integralPct: number;
}

export interface DutyQuestion {
  readonly overTargetC: number;
  /** How fast that grows. */
  readonly cPerS: number;
  readonly powerW: number | undefined;
  readonly seconds: number;
}

/** The next duty by the hottest reading and the power, within floor and cap. A hotter one never gives less. */
export function nextDuty(
  { overTargetC, cPerS, powerW, seconds }: DutyQuestion,
  plan: CoolingPlan,
  memory: CoolingMemory,
): DutyStep {
  const { minDutyPct, maxDutyPct } = plan;
  const clamp = (pct: number): number => Math.min(maxDutyPct, Math.max(minDutyPct, pct));
  const errorC = Math.max(COLDEST_C, overTargetC);
  const forward = feedForward(powerW, plan);
  const direct = forward + PER_C * errorC + PER_C_PER_S * cPerS;
  // Anti-windup: at floor or cap it does not go on in the direction that has no effect.
  const isStuck =
    (direct + memory.integralPct >= maxDutyPct && errorC > 0) ||
    (direct + memory.integralPct <= minDutyPct && errorC < 0);
  const integralPct = isStuck
    ? memory.integralPct
    : bounded(
        memory.integralPct + PER_C_AND_S * Math.max(COLDEST_LEARNT_C, errorC) * seconds,
        MOST_INTEGRAL_PCT,
      );
  const wishedPct = clamp(direct + integralPct);
  const isNear = Math.abs(wishedPct - memory.dutyPct) < DEADBAND_PCT;
  const isAtEnd = wishedPct === minDutyPct || wishedPct === maxDutyPct;
  const calmPct = isNear && !isAtEnd ? clamp(memory.dutyPct) : wishedPct;
  return { dutyPct: slowly(calmPct, memory, seconds), integralPct };
}

/** Up at once, down slowly. */
export function slowly(
  wishedPct: number,
  { dutyPct }: Pick<CoolingMemory, "dutyPct">,
  seconds: number,
): number {
  return Math.max(wishedPct, dutyPct - SLOWER_PCT_PER_S * seconds);
}

/** A power that nobody knows counts as the rated one. */
function feedForward(powerW: number | undefined, { ratedW }: CoolingPlan): number {
  const share = powerW === undefined || ratedW === undefined ? 1 : powerW / ratedW;
  return FULL_POWER_DUTY_PCT * Math.min(MOST_POWER_SHARE, Math.max(0, share));
}

function bounded(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}
