import type { TemperatureFact } from "../rail-facts.js";
import { ALL_WELL, CLEARS_AT_START, POWERED, type RuleFinding, type SafetyRule } from "./rule.js";

/** Readings outside are faults and no temperatures. Documented: fact sheet power, section 3.1, and so is exactly 0. */
const PLAUSIBLE_C = { above: 0, upTo: 120 };
/** A sensor is read once a second; five rounds without an answer are no accident. Inferred. */
export const SENSOR_MAX_AGE_S = 5;

/**
 * A sensor that says the same to its last digit for so long, while another one on its board moves so far, is not
 * reading. Inferred: a working part flickers by its step, and the widest step of all is one degree.
 */
const STUCK_S = 60;
const STUCK_WHILE_C = 6;
/** A board that begins to work gets warmer by more than a step within this time. Inferred. */
const WARM_UP_S = 120;

/**
 * Inferred: on a board that works, intake and outlet are some twenty degrees apart, and a die some thirty from its board.
 */
const MAX_SPREAD_C = 45;

export const isPlausible = (tempC: number): boolean =>
  tempC > PLAUSIBLE_C.above && tempC <= PLAUSIBLE_C.upTo;

export const temperatureFresh: SafetyRule = {
  name: "temperature fresh",
  code: "SENSOR_SILENT",
  limit: `${SENSOR_MAX_AGE_S} s, or less by the owner's safety.sensorMaxAgeS`,
  limitOf: ({ sensorMaxAgeS }) => `${sensorMaxAgeS} s`,
  source: "five rounds of one second without an answer are no accident",
  evidence: "inferred",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: POWERED,
  check: ({ temperatures, poweredSlots }, { sensorMaxAgeS }) => {
    const old = temperatures.filter(
      ({ slot, tempC, ageS }) =>
        poweredSlots.includes(slot) && !(tempC !== undefined && ageS <= sensorMaxAgeS),
    );
    return old.length === 0 ? ALL_WELL : old.map(silent);
  },
};

function silent({ slot, place, tempC, ageS, trouble }: TemperatureFact): RuleFinding {
  const code = trouble === "SENSOR_IMPLAUSIBLE" ? trouble : "SENSOR_SILENT";
  const ageKnownS = tempC === undefined ? null : ageS;
  return { slot, code, context: { slot, place, ageS: ageKnownS, trouble: trouble ?? null } };
}

export const temperaturePlausible: SafetyRule = {
  name: "temperature plausible",
  code: "SENSOR_IMPLAUSIBLE",
  limit: `above ${PLAUSIBLE_C.above} C, up to ${PLAUSIBLE_C.upTo} C`,
  source: "fact sheet power-cooling-eeprom, section 3.1 (stock firmware and mujina)",
  evidence: "documented",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: POWERED,
  check: ({ temperatures, poweredSlots }) => {
    const odd = temperatures.filter(
      ({ slot, tempC }) =>
        poweredSlots.includes(slot) && tempC !== undefined && !isPlausible(tempC),
    );
    if (odd.length === 0) return ALL_WELL;
    return odd.map(({ slot, place, tempC = null }) => ({
      ...{ slot, code: "SENSOR_IMPLAUSIBLE", context: { slot, place, tempC } },
    }));
  },
};

export const boardsMeasured: SafetyRule = {
  name: "boards measured",
  code: "SENSOR_SILENT",
  limit: "1 board with power at least, and 1 sensor on each",
  source: "principle: no hash voltage without a temperature",
  evidence: "inferred",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: POWERED,
  check: ({ poweredSlots, temperatures }) => {
    if (poweredSlots.length === 0) return [{ code: "BOARD_MISSING", context: { powered: 0 } }];
    const bare = poweredSlots.filter((slot) => !temperatures.some((fact) => fact.slot === slot));
    if (bare.length === 0) return ALL_WELL;
    return bare.map((slot) => ({ slot, code: "SENSOR_SILENT", context: { slot, sensors: 0 } }));
  },
};

export const sensorMoves: SafetyRule = {
  name: "sensor moves",
  code: "SENSOR_STUCK",
  limit: `${STUCK_S} s without any change while another sensor of the board moves by ${STUCK_WHILE_C} C, or since before the board began to work ${WARM_UP_S} s ago`,
  source: "working parts flicker by their step of 1 C or less",
  evidence: "inferred",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: ["on"],
  check: ({ temperatures, poweredSlots, chains }) => {
    const stuck = temperatures.filter((fact) => {
      const { slot, unchangedS = 0, othersMovedC = 0 } = fact;
      if (unchangedS < STUCK_S || !poweredSlots.includes(slot)) return false;
      if (othersMovedC >= STUCK_WHILE_C) return true;
      const chain = chains.find((each) => each.slot === slot);
      return chain?.isWorking === true && chain.sinceS >= WARM_UP_S && unchangedS > chain.sinceS;
    });
    if (stuck.length === 0) return ALL_WELL;
    return stuck.map(({ slot, place, tempC = null, unchangedS = 0, othersMovedC = 0 }) => ({
      ...{ slot, code: "SENSOR_STUCK" },
      context: { slot, place, tempC, unchangedS, othersMovedC },
    }));
  },
};

export const sensorsAgree: SafetyRule = {
  name: "sensors agree",
  code: "SENSORS_DISAGREE",
  limit: `${MAX_SPREAD_C} C between two sensors of a board that works; 15 C at rest, before it is powered`,
  source: "conservative: intake to outlet some 20 C, die to board some 30 C",
  evidence: "inferred",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: ["on"],
  check: ({ temperatures, poweredSlots }) => {
    let found: RuleFinding[] | undefined;
    for (const slot of poweredSlots) {
      let coldest: TemperatureFact | undefined;
      let hottest: TemperatureFact | undefined;
      for (const fact of temperatures) {
        if (fact.slot !== slot || fact.tempC === undefined || !isPlausible(fact.tempC)) continue;
        if (fact.tempC < (coldest?.tempC ?? Infinity)) coldest = fact;
        if (fact.tempC > (hottest?.tempC ?? -Infinity)) hottest = fact;
      }
      const [coldestC = 0, hottestC = 0] = [coldest?.tempC, hottest?.tempC];
      if (hottestC - coldestC <= MAX_SPREAD_C) continue;
      const places = { coldest: coldest?.place ?? "", hottest: hottest?.place ?? "" };
      const context = { slot, ...places, coldestC, hottestC, maxSpreadC: MAX_SPREAD_C };
      (found ??= []).push({ slot, code: "SENSORS_DISAGREE", context });
    }
    return found ?? ALL_WELL;
  },
};
