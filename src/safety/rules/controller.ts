import { ALL_WELL, ALWAYS, CLEARS_BY_ITSELF, POWERED, type SafetyRule } from "./rule.js";

/** The guard cuts 450 ms after it was fed last; this is for a guard that did not. */
const LOOP_LAG_MS = 500;
/** A time server moves the clock by less, or slowly. Inferred. */
const JUMP_S = 2;
/**
 * Inferred: the lowest limit of the processors of known control boards, of commercial grade (Zynq-7000 85 C, AM335x
 * 90 C at the junction).
 */
export const CONTROL_BOARD_CUT_C = 85;
/** As read from the kernel, every few seconds. Inferred. */
const CONTROL_BOARD_SLEW_C_PER_S = 0.5;

export const guardFed: SafetyRule = {
  name: "guard fed",
  code: "GUARD_TRIPPED",
  limit: "450 ms after the last look that found all rules to hold",
  source:
    "power is off 500 ms after what nobody could see any more, and 50 ms are for a late thread",
  evidence: "inferred",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: ["on"],
  check: ({ guard }) =>
    guard.is === "tripped"
      ? [{ code: "GUARD_TRIPPED", context: { cause: guard.cause, atUnixMs: guard.atUnixMs } }]
      : ALL_WELL,
};

export const loopRuns: SafetyRule = {
  name: "event loop runs",
  code: "EVENT_LOOP_STALLED",
  limit: `a look that comes ${LOOP_LAG_MS} ms late`,
  source: "the guard's 450 ms, and a little more, for a guard that did not act",
  evidence: "inferred",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: ["on"],
  check: ({ loopLagMs }) =>
    loopLagMs > LOOP_LAG_MS
      ? [{ code: "EVENT_LOOP_STALLED", context: { lagMs: loopLagMs, limitMs: LOOP_LAG_MS } }]
      : ALL_WELL,
};

export const clockSteady: SafetyRule = {
  name: "clock steady",
  code: "CLOCK_JUMPED",
  limit: `${JUMP_S} s of a sudden`,
  source: "ages and deadlines are monotonic: only times of records and certificates are wrong",
  evidence: "inferred",
  action: "warn",
  clears: "a minute later",
  moments: ALWAYS,
  check: ({ clockJumpS }) =>
    Math.abs(clockJumpS) > JUMP_S
      ? [{ code: "CLOCK_JUMPED", context: { jumpS: clockJumpS } }]
      : ALL_WELL,
};

export const diskHasSpace: SafetyRule = {
  name: "disk has space",
  code: "DISK_FULL",
  limit: "what is kept can be written",
  source: "nothing on the disk is needed to keep the machine safe",
  evidence: "inferred",
  action: "warn",
  clears: "when there is space",
  moments: ALWAYS,
  check: ({ isDiskFull }) =>
    isDiskFull === true ? [{ code: "DISK_FULL", context: {} }] : ALL_WELL,
};

export const controlBoardNotHot: SafetyRule = {
  name: "control board not hot",
  code: "CONTROL_BOARD_HOT",
  limit: `${CONTROL_BOARD_CUT_C} C, after projection by age, where it can be read`,
  limitOf: ({ controlBoardCutC }) => `${controlBoardCutC} C, where it can be read`,
  source: "lowest junction limit of the processors of known control boards",
  evidence: "inferred",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: POWERED,
  check: ({ controlBoard }, { controlBoardCutC }) => {
    if (controlBoard === undefined) return ALL_WELL;
    const { tempC, ageS } = controlBoard;
    const worstC = tempC + ageS * CONTROL_BOARD_SLEW_C_PER_S;
    if (worstC < controlBoardCutC) return ALL_WELL;
    const context = { tempC, ageS, worstC, cutC: controlBoardCutC };
    return [{ code: "CONTROL_BOARD_HOT", context }];
  },
};
