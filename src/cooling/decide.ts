import type { Finding } from "../lib/finding.js";
import { coolingFault, countLies } from "./cooling-faults.js";
import type {
  CoolingDecision,
  CoolingInputs,
  CoolingMemory,
  CoolingReason,
} from "./cooling-inputs.js";
import type { CoolingPlan } from "./cooling-plan.js";
import { nextDuty, slowly } from "./duty-control.js";
import { heatOf, nextTrend, type Heat, type Trend } from "./heat.js";
import { nextShare, type ShareStep } from "./power-share.js";

const FULL_PCT = 100;
/** Longer pauses between two decisions count as this one. */
const MOST_STEP_S = 5;
/** Fans that were full for a warning stay so until readings are this far below it. Inferred. */
const WARN_HYSTERESIS_C = 3;
/** Full duty at a fault lasts at least so long: what comes and goes would be a siren. Inferred. */
const FAULT_HOLD_MS = 5000;
/** Without power all below this is cool: intake ratings end there. It stays so until it is this much warmer. Inferred. */
const COOL_C = 45;
const COOL_HYSTERESIS_C = 5;
/** Heat of a board that has no power is gone then, with any fan: seven of its time constants. Inferred. */
export const RUN_ON_LIMIT_MS = 300_000;

/** Before the first decision: everything at full duty, nothing known. */
export function freshMemory(nowMs: number): CoolingMemory {
  return {
    ...{ atMs: nowMs, dutyPct: FULL_PCT, powerSharePct: 100, integralPct: 0, smoothC: null },
    ...{ faultAtMs: nowMs, isStarted: false, isWarm: false, offSinceMs: nowMs, isCool: false },
    ...{ lies: {}, overSinceMs: null, reserveSinceMs: null },
  };
}

/** A decision under way. */
interface Turn {
  readonly inputs: CoolingInputs;
  readonly plan: CoolingPlan;
  readonly before: CoolingMemory;
  readonly seconds: number;
  readonly heat: (Heat & Trend) | undefined;
  /** What every kind of decision remembers alike. */
  readonly common: CoolingMemory;
}

/**
 * What fans and clock are to do. Pure: the same inputs and memory give the same decision. A hotter reading never gives
 * less duty, and whatever is not proven gives full duty as long as power is on or was shortly before.
 */
export function decide(
  inputs: CoolingInputs,
  plan: CoolingPlan,
  before: CoolingMemory,
): CoolingDecision {
  const { nowMs, isPowered, isProving } = inputs;
  const offSinceMs = isPowered ? null : (before.offSinceMs ?? nowMs);
  const isRunOut = offSinceMs !== null && nowMs - offSinceMs >= RUN_ON_LIMIT_MS;
  // A machine that starts anew may have got other fans.
  const lies = isRunOut || before.isCool ? {} : countLies(inputs.fans, before.lies);
  const fault = coolingFault(inputs, plan, lies);
  const turn = turnOf(inputs, plan, before, { offSinceMs, lies });
  if (plan.mode !== "air") return liquid(turn, fault);
  const isNew = isProving || fault !== undefined;
  if (isNew || !isProven(turn)) {
    const faultAtMs = isNew ? nowMs : before.faultAtMs;
    if (isRunOut && !isProving) return resting(turn, "cool", faultAtMs);
    return unproven(turn, faultAtMs, fault);
  }
  if (isPowered) return running(turn);
  const coolBelowC = COOL_C + (before.isCool ? COOL_HYSTERESIS_C : 0);
  const isCool = isRunOut || (turn.heat !== undefined && turn.heat.hottestC < coolBelowC);
  return resting(turn, isCool ? "cool" : "runOn", null);
}

function turnOf(
  inputs: CoolingInputs,
  plan: CoolingPlan,
  before: CoolingMemory,
  changes: Pick<CoolingMemory, "offSinceMs" | "lies">,
): Turn {
  const { nowMs, temperatures } = inputs;
  const seconds = Math.min(MOST_STEP_S, Math.max(0, nowMs - before.atMs) / 1000);
  const heat = heatOf(temperatures, plan);
  const trend = heat && nextTrend(heat.overTargetC, before.smoothC, seconds);
  const smoothC = trend?.smoothC ?? before.smoothC;
  const common = { ...before, ...changes, atMs: nowMs, smoothC };
  return { inputs, plan, before, seconds, heat: heat && trend && { ...heat, ...trend }, common };
}

/** After a fault every sensor must have spoken anew, and fans must have shown what they can. */
function isProven({ inputs, before }: Turn): boolean {
  const { faultAtMs } = before;
  if (faultAtMs === null) return true;
  const { nowMs, temperatures, areFansLearnt } = inputs;
  if (!areFansLearnt || nowMs - faultAtMs < FAULT_HOLD_MS) return false;
  return temperatures.every(({ ageS }) => nowMs - ageS * 1000 > faultAtMs);
}

function unproven(
  turn: Turn,
  faultAtMs: number | null,
  fault: Finding | undefined,
): CoolingDecision {
  const { isStarted } = turn.before;
  const share = shareAt(turn, FULL_PCT);
  return {
    ...{ dutyPct: FULL_PCT, powerSharePct: share.powerSharePct },
    reason: isStarted && !turn.inputs.isProving ? "failSafe" : "start",
    // What nobody has asked yet is not wrong.
    fault: isStarted ? (fault ?? null) : null,
    memory: { ...turn.common, ...share, dutyPct: FULL_PCT, faultAtMs, isCool: false },
  };
}

function running(turn: Turn): CoolingDecision {
  const { inputs, plan, before, heat, seconds, common } = turn;
  if (heat === undefined) return unproven(turn, inputs.nowMs, undefined);
  const { overTargetC, cPerS, overWarnC } = heat;
  const question = { overTargetC, cPerS, powerW: inputs.powerW, seconds };
  const step = nextDuty(question, plan, before);
  const isWarm = overWarnC >= (before.isWarm ? -WARN_HYSTERESIS_C : 0);
  const dutyPct = isWarm ? FULL_PCT : step.dutyPct;
  const share = shareAt(turn, dutyPct);
  return {
    ...{ dutyPct, powerSharePct: share.powerSharePct, fault: null },
    reason: isWarm ? "warn" : reasonAt(dutyPct, plan),
    memory: {
      ...{ ...common, ...step, ...share, dutyPct, isWarm },
      ...{ faultAtMs: null, isStarted: true, isCool: false },
    },
  };
}

function reasonAt(dutyPct: number, { minDutyPct, maxDutyPct }: CoolingPlan): CoolingReason {
  if (maxDutyPct < FULL_PCT && dutyPct >= maxDutyPct) return "quietCap";
  return dutyPct <= minDutyPct ? "floor" : "target";
}

/** Without power: as much as the owner allows until all is cool. The chains draw nothing, so their share stays. */
function resting(turn: Turn, reason: "runOn" | "cool", faultAtMs: number | null): CoolingDecision {
  const { plan, before, heat, seconds, common } = turn;
  const isWarm = heat === undefined || heat.overWarnC >= 0;
  const wishedPct = reason === "cool" ? plan.minDutyPct : isWarm ? FULL_PCT : plan.maxDutyPct;
  const dutyPct = slowly(wishedPct, before, seconds);
  return {
    ...{ dutyPct, powerSharePct: before.powerSharePct, reason, fault: null },
    memory: {
      ...{ ...common, dutyPct, faultAtMs, isWarm: false, isCool: reason === "cool" },
      ...{ isStarted: before.isStarted || faultAtMs === null },
      ...{ integralPct: 0, overSinceMs: null, reserveSinceMs: null },
    },
  };
}

/** Whatever hangs on the sockets of the fans goes on. */
function liquid(turn: Turn, fault: Finding | undefined): CoolingDecision {
  const share = shareAt(turn, FULL_PCT);
  return {
    ...{ dutyPct: FULL_PCT, powerSharePct: share.powerSharePct, reason: "liquid" },
    fault: turn.inputs.isPowered ? (fault ?? null) : null,
    memory: { ...turn.common, ...share, dutyPct: FULL_PCT },
  };
}

function shareAt({ inputs, plan, before, heat }: Turn, dutyPct: number): ShareStep {
  const { powerSharePct } = before;
  if (!inputs.isPowered || heat === undefined)
    return { powerSharePct, overSinceMs: null, reserveSinceMs: null };
  return nextShare({ nowMs: inputs.nowMs, heat, cPerS: heat.cPerS, dutyPct }, plan, before);
}
