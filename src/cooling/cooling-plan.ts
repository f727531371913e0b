import type { MachineSpec } from "../boards/machine-spec.js";

/** What takes the heat away: `immersion` and `hydro` need no fans. */
export const COOLING_MODES = ["air", "immersion", "hydro"] as const;
export type CoolingMode = (typeof COOLING_MODES)[number];

/** What the owner says of the cooling; what is left out is the machine's own. */
export interface CoolingWish {
  readonly mode?: CoolingMode | undefined;
  readonly targetC?: number | undefined;
  readonly minDutyPct?: number | undefined;
  readonly maxDutyPct?: number | undefined;
  readonly flowProvenBy?: "external" | undefined;
}

/** Temperatures of one kind of place. */
export interface CoolingLimits {
  readonly targetC: number;
  /** Fans full. */
  readonly warnC: number;
  /** Less clock. */
  readonly throttleC: number;
}

/** What the cooling of a machine is to hold. */
export interface CoolingPlan {
  readonly mode: CoolingMode;
  readonly board: CoolingLimits;
  /** Undefined where the machine's data know nothing of dies. */
  readonly die: CoolingLimits | undefined;
  readonly minDutyPct: number;
  /** Less than 100: the owner wants quiet, and gives hash rate for it. */
  readonly maxDutyPct: number;
  /** Fans that must turn. */
  readonly neededFans: number;
  readonly ratedW: number | undefined;
}

/** A field that cannot be as it is, and what it may be. */
export interface CoolingFault {
  readonly field: keyof CoolingWish;
  readonly expected: string;
}

/** Lowest floor of a stock firmware that a source names; slower fans may stand. Documented: S15 and T15. */
export const LEAST_DUTY_PCT = 20;
/** Below this no owner's target is taken: rooms are that warm. Inferred: intake ratings end at 45. */
const LEAST_TARGET_C = 40;
/** Where the machine's data has no target, and the most that an owner's may be: so far below the warning. Inferred. */
const BELOW_WARN_C = 5;
const MOST_TARGET_BELOW_WARN_C = 2;
/** Where the machine's data has no floor. Documented of the S21 Pro board test. */
const USUAL_LEAST_DUTY_PCT = 30;

/** Why the owner's wishes cannot be had on this machine; undefined when they can. */
export function coolingFault(machine: MachineSpec, wish: CoolingWish): CoolingFault | undefined {
  return modeFault(machine, wish) ?? numbersFault(machine, wish);
}

/** For wishes without a fault. */
export function coolingPlan(machine: MachineSpec, wish: CoolingWish): CoolingPlan {
  const { limits, cooling, fans, rated } = machine;
  const mode = modeOf(machine, wish);
  const { boardC, chipC } = limits;
  const boardTargetC = wish.targetC ?? cooling?.targetC ?? boardC.warn - BELOW_WARN_C;
  // An owner's target is one of boards: it moves that of the dies as far.
  const movedC = boardTargetC - (cooling?.targetC ?? boardC.warn - BELOW_WARN_C);
  const dieTargetC = (cooling?.chipTargetC ?? (chipC?.warn ?? 0) - BELOW_WARN_C) + movedC;
  const maxDutyPct = wish.maxDutyPct ?? 100;
  const floorPct = wish.minDutyPct ?? cooling?.minDutyPct ?? USUAL_LEAST_DUTY_PCT;
  return {
    mode,
    board: { targetC: boardTargetC, warnC: boardC.warn, throttleC: boardC.throttle },
    die: chipC && {
      targetC: Math.min(dieTargetC, chipC.warn - MOST_TARGET_BELOW_WARN_C),
      warnC: chipC.warn,
      throttleC: chipC.throttle,
    },
    // A quiet cap below the machine's floor is the owner's word.
    minDutyPct: Math.min(floorPct, maxDutyPct),
    maxDutyPct,
    neededFans: mode === "air" ? (fans?.count ?? 0) : 0,
    ratedW: rated.powerW,
  };
}

/** A machine without fans is cooled by a liquid; the others by air, unless their owner says otherwise. */
function modeOf({ fans }: MachineSpec, { mode }: CoolingWish): CoolingMode {
  return mode ?? (fans?.count === 0 ? "hydro" : "air");
}

function modeFault(machine: MachineSpec, wish: CoolingWish): CoolingFault | undefined {
  const mode = modeOf(machine, wish);
  if (mode === "air" && machine.fans?.count === 0)
    return { field: "mode", expected: `immersion or hydro: ${machine.name} has no fans` };
  // No machine's data names a sensor of flow.
  if (mode === "hydro" && wish.flowProvenBy === undefined)
    return {
      field: "flowProvenBy",
      expected: `"external": ${machine.name} has no sensor that proves the flow of a coolant`,
    };
  if (mode !== "hydro" && wish.flowProvenBy !== undefined)
    return { field: "flowProvenBy", expected: "nothing without mode hydro" };
  if (mode === "air") return undefined;
  const field = (["minDutyPct", "maxDutyPct", "targetC"] as const).find(
    (name) => wish[name] !== undefined,
  );
  return field && { field, expected: `nothing with mode ${mode}: there are no fans to drive` };
}

/** Between which an owner's target may be. */
export function targetLimitsC({ limits }: MachineSpec): {
  readonly min: number;
  readonly max: number;
} {
  return { min: LEAST_TARGET_C, max: limits.boardC.warn - MOST_TARGET_BELOW_WARN_C };
}

function numbersFault(machine: MachineSpec, wish: CoolingWish): CoolingFault | undefined {
  const { targetC, minDutyPct, maxDutyPct = 100 } = wish;
  const { warn } = machine.limits.boardC;
  const { min, max } = targetLimitsC(machine);
  if (targetC !== undefined && (targetC < min || targetC > max))
    return {
      field: "targetC",
      expected: `${String(min)} to ${String(max)} C: fans are full from ${String(warn)} C on ${machine.name}`,
    };
  if (minDutyPct !== undefined && minDutyPct > maxDutyPct)
    return { field: "minDutyPct", expected: `at most maxDutyPct, ${String(maxDutyPct)}` };
  return undefined;
}
