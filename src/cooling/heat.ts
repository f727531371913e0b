import type { TemperatureFact } from "../safety/rail-facts.js";
import type { CoolingPlan } from "./cooling-plan.js";

/** How hot the machine is, each reading held to what counts at its place; the worst one decides. */
export interface Heat {
  /** Above the target. */
  readonly overTargetC: number;
  readonly overWarnC: number;
  readonly overThrottleC: number;
  readonly hottestC: number;
}

/** Undefined without a reading. */
export function heatOf(
  temperatures: readonly TemperatureFact[],
  plan: CoolingPlan,
): Heat | undefined {
  let heat: Heat | undefined;
  for (const { tempC, isDie } of temperatures) {
    if (tempC === undefined) continue;
    const { targetC, warnC, throttleC } = isDie ? (plan.die ?? plan.board) : plan.board;
    heat = {
      overTargetC: Math.max(heat?.overTargetC ?? -Infinity, tempC - targetC),
      overWarnC: Math.max(heat?.overWarnC ?? -Infinity, tempC - warnC),
      overThrottleC: Math.max(heat?.overThrottleC ?? -Infinity, tempC - throttleC),
      hottestC: Math.max(heat?.hottestC ?? -Infinity, tempC),
    };
  }
  return heat;
}

/** Time constant of the smoothing from which the rate of change is taken: sensors tremble by a step. Inferred. */
const SMOOTH_S = 8;

/** What is above the target, smoothed, and how fast it grows. */
export interface Trend {
  readonly smoothC: number;
  readonly cPerS: number;
}

export function nextTrend(overTargetC: number, smoothC: number | null, seconds: number): Trend {
  const beforeC = smoothC ?? overTargetC;
  const weight = 1 - Math.exp(-seconds / SMOOTH_S);
  return {
    smoothC: beforeC + weight * (overTargetC - beforeC),
    cPerS: (overTargetC - beforeC) / SMOOTH_S,
  };
}
