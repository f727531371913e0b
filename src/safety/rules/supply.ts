import { ALL_WELL, CLEARS_BY_ITSELF, POWERED, type SafetyRule } from "./rule.js";

/** A supply's bus needs seconds a round; an older setpoint is read once more before the output is switched on. */
const SETPOINT_MAX_AGE_S = 30;
/**
 * What is read back lies beside what was asked for by up to a step of the supply's converter, which is no more than this
 * share of the voltage. Inferred from the formulas of all known types.
 */
const STEP_SHARE = 0.0025;
/** One wrong measurement of the output is an accident. */
export const WRONG_IN_A_ROW = 2;
/**
 * Inferred: ten questions of two seconds with their repeats, and reading a calibration block takes six seconds. A supply
 * goes on as it was told last, so that this is not urgent.
 */
const SILENT_S = 60;
/** Measurements of supplies are true to a few per cent. Inferred. */
const POWER_SHARE = 1.05;

export const setpointVerified: SafetyRule = {
  name: "setpoint verified",
  code: "PSU_READBACK_MISMATCH",
  limit: `read back within 150 mV of what was asked; within ${SETPOINT_MAX_AGE_S} s before the output is switched on`,
  source: "S19k Pro port notes; supplies refuse and apply, or repeat and do not apply",
  evidence: "documented",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: POWERED,
  check: ({ setpoint }, _limits, moment) => {
    const found = (context: Record<string, string | number>): ReturnType<SafetyRule["check"]> => [
      { code: "PSU_READBACK_MISMATCH", context },
    ];
    switch (setpoint.is) {
      case "verified":
        return moment === "on" || setpoint.ageS <= SETPOINT_MAX_AGE_S
          ? ALL_WELL
          : found({ setpoint: "old", ageS: setpoint.ageS });
      case "changing":
        return moment === "on" ? ALL_WELL : found({ setpoint: "changing" });
      case "unread":
        return found({ setpoint: "unread" });
      case "wrong":
        return found({ wantedMv: setpoint.wantedMv, readMv: setpoint.readMv });
    }
  },
};

export const setpointWithinLimits: SafetyRule = {
  name: "setpoint within limits",
  code: "PSU_VOLTAGE_OUT_OF_RANGE",
  limit: `railMv.min to railMv.max of the machine, mV, and a step of the supply of ${STEP_SHARE * 100} %`,
  limitOf: ({ minMv, maxMv }) => `${minMv} to ${maxMv} mV, and a step of the supply`,
  source: "boards/machines, of stock configurations",
  evidence: "documented",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: POWERED,
  check: ({ setpoint }, { minMv, maxMv }) => {
    if (setpoint.is !== "verified") return ALL_WELL;
    const { railMv } = setpoint;
    if (railMv >= minMv * (1 - STEP_SHARE) && railMv <= maxMv * (1 + STEP_SHARE)) return ALL_WELL;
    return [{ code: "PSU_VOLTAGE_OUT_OF_RANGE", context: { railMv, minMv, maxMv } }];
  },
};

/** The two sides of one measurement. */
function outputRule(side: "low" | "high"): SafetyRule {
  return {
    name: side === "low" ? "output not too low" : "output not too high",
    code: "PSU_OUTPUT_WRONG",
    limit: `${WRONG_IN_A_ROW} measurements in a row more than 500 mV ${side === "low" ? "below" : "above"} the setpoint, in a move of both ends; 10 % of low voltages`,
    source: "a supply of an S19k Pro measured 140 mV more than was asked (port notes)",
    evidence: "inferred",
    action: "cut",
    clears: CLEARS_BY_ITSELF,
    moments: ["on"],
    check: ({ supply }) => {
      const wrong = supply?.wrongOutput;
      if (wrong === undefined || wrong.times < WRONG_IN_A_ROW) return ALL_WELL;
      const { setpointMv, outputMv } = wrong;
      if (outputMv < setpointMv !== (side === "low")) return ALL_WELL;
      return [{ code: "PSU_OUTPUT_WRONG", context: { setpointMv, outputMv } }];
    },
  };
}

export const outputNotTooLow = outputRule("low");
export const outputNotTooHigh = outputRule("high");

export const supplyAnswers: SafetyRule = {
  name: "supply answers",
  code: "PSU_NO_ANSWER",
  limit: `${SILENT_S} s without an answer on its data line`,
  source: "ten questions of two seconds with their repeats; the supply goes on as it was told",
  evidence: "inferred",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: ["on"],
  check: ({ supply, railSinceS }) => {
    const silentS = supply?.answerAgeS ?? 0;
    // One that was silent before must have answered to be switched on.
    if (silentS <= SILENT_S || railSinceS <= SILENT_S) return ALL_WELL;
    const ageS = Number.isFinite(silentS) ? silentS : null;
    return [{ code: "PSU_NO_ANSWER", context: { ageS, limitS: SILENT_S } }];
  },
};

export const powerWithinRating: SafetyRule = {
  name: "power within rating",
  code: "PSU_OVERPOWER",
  limit: `ratedW of the supply and ${Math.round((POWER_SHARE - 1) * 100)} %, or the owner's safety.maxPowerW, where the supply measures its power, W`,
  source: "boards/power-supplies, of vendors' manuals; 5 % for the measurement",
  evidence: "inferred",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: ["on"],
  check: ({ supply }, { maxPowerW = Infinity }) => {
    const { powerW, ratedW = Infinity } = supply ?? {};
    const limitW = Math.min(ratedW * POWER_SHARE, maxPowerW);
    if (powerW === undefined || powerW <= limitW) return ALL_WELL;
    return [{ code: "PSU_OVERPOWER", context: { powerW, limitW } }];
  },
};

export const currentWithinRating: SafetyRule = {
  name: "current within rating",
  code: "PSU_OVERCURRENT",
  limit: "ratedW of the supply at its lowest voltage, where the supply measures its output, A",
  source: "3600 W at 12 V is 300 A; APW12 trip at 291 to 350 A by themselves (X19 manual)",
  evidence: "inferred",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: ["on"],
  check: ({ supply }) => {
    const { currentA, ratedA } = supply ?? {};
    if (currentA === undefined || ratedA === undefined || currentA <= ratedA) return ALL_WELL;
    return [{ code: "PSU_OVERCURRENT", context: { currentA, ratedA } }];
  },
};

/** Inferred: no trip of a vendor was found; parts of power stages are rated for 105 C and more. */
export const SUPPLY_CUT_C = 95;
/** Documented: ESP-Miner cuts at this temperature of its regulator. */
export const REGULATOR_CUT_C = 105;

export const supplyNotHot: SafetyRule = {
  name: "supply not hot",
  code: "PSU_HOT",
  limit: `${SUPPLY_CUT_C} C, ${REGULATOR_CUT_C} C of a regulator on the hashboard, where it tells`,
  limitOf: ({ supplyCutC }) => `${supplyCutC} C, where it tells`,
  source: "ESP-Miner for regulators; supplies: below what parts of power stages are rated for",
  evidence: "inferred",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: POWERED,
  check: ({ supply }, { supplyCutC }) => {
    const hot = supply?.temperaturesC.find((tempC) => tempC >= supplyCutC);
    if (hot === undefined) return ALL_WELL;
    return [{ code: "PSU_HOT", context: { tempC: hot, cutC: supplyCutC } }];
  },
};
