import type { CoolingMemory } from "./cooling-inputs.js";
import type { CoolingPlan } from "./cooling-plan.js";
import type { Heat } from "./heat.js";

/** All inferred: slower than boards follow on the virtual machine, in steps whose heat the fans can take up. */
/** At its quiet cap a machine may be so much above its target, so long. */
const TOLERATED_C = 1;
const TOLERATED_S = 15;
const QUIET_STEP_PCT = 5;
/** At the throttle limit the first step comes at once and the next ones quickly. */
const THROTTLE_STEP_PCT = 10;
const THROTTLE_PAUSE_S = 10;
/** Heat that falls faster than this needs no further step. */
const FALLING_C_PER_S = 0.04;
const RAISE_STEP_PCT = 2.5;
const RAISE_PAUSE_S = 45;
/** More power needs fans this far below their cap, or readings this far below the target. */
const RESERVE_PCT = 5;
const RESERVE_C = 2;
/** Where no cap is set, it needs readings this far below the throttle limit. */
const BELOW_THROTTLE_C = 5;
/** Below this share less clock hardly saves anything; the interlock cuts what is still too hot. */
const LEAST_SHARE_PCT = 20;

export interface ShareStep {
  readonly powerSharePct: number;
  readonly overSinceMs: number | null;
  readonly reserveSinceMs: number | null;
}

export interface ShareQuestion {
  readonly nowMs: number;
  readonly heat: Heat;
  /** Of the hottest reading. */
  readonly cPerS: number;
  /** As decided in this turn. */
  readonly dutyPct: number;
}

/** How much of the ordered clock the chains may have: less where fans may not or cannot do more. */
export function nextShare(
  question: ShareQuestion,
  plan: CoolingPlan,
  memory: CoolingMemory,
): ShareStep {
  const { nowMs, heat, cPerS, dutyPct } = question;
  const share = memory.powerSharePct;
  const isQuiet = plan.mode === "air" && plan.maxDutyPct < 100;
  const isThrottling = heat.overThrottleC >= 0;
  const isOver =
    isThrottling || (isQuiet && dutyPct >= plan.maxDutyPct && heat.overTargetC > TOLERATED_C);
  if (isOver) {
    // Counted so that the first step of a throttling machine is due now.
    const first = isThrottling ? nowMs - THROTTLE_PAUSE_S * 1000 : nowMs;
    const sinceMs = memory.overSinceMs ?? first;
    const waitS = isThrottling ? THROTTLE_PAUSE_S : TOLERATED_S;
    if (nowMs - sinceMs < waitS * 1000 || cPerS < -FALLING_C_PER_S)
      return { powerSharePct: share, overSinceMs: sinceMs, reserveSinceMs: null };
    const step = isThrottling ? THROTTLE_STEP_PCT : QUIET_STEP_PCT;
    const lower = Math.max(LEAST_SHARE_PCT, share - step);
    return { powerSharePct: lower, overSinceMs: nowMs, reserveSinceMs: null };
  }
  const hasReserve = isQuiet
    ? dutyPct <= plan.maxDutyPct - RESERVE_PCT || heat.overTargetC < -RESERVE_C
    : heat.overThrottleC < -BELOW_THROTTLE_C;
  if (!hasReserve || share >= 100)
    return { powerSharePct: share, overSinceMs: null, reserveSinceMs: null };
  const sinceMs = memory.reserveSinceMs ?? nowMs;
  if (nowMs - sinceMs < RAISE_PAUSE_S * 1000)
    return { powerSharePct: share, overSinceMs: null, reserveSinceMs: sinceMs };
  const higher = Math.min(100, share + RAISE_STEP_PCT);
  return { powerSharePct: higher, overSinceMs: null, reserveSinceMs: nowMs };
}
