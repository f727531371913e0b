import type { RailFacts, RailLimits, TemperatureFact } from "../rail-facts.js";
import { ALL_WELL, CLEARS_AT_START, POWERED, type SafetyRule } from "./rule.js";
import { isPlausible } from "./sensors.js";

/**
 * Degrees a second that a part may have gained since it was read. Inferred: heat sinks of a board that loses its air
 * gain less than a degree a second at full power, a die of a few watts without its heat sink some degrees.
 */
export const SLEW_C_PER_S = { board: 1, die: 3 } as const;

/**
 * Taken out so far below the cut limit, when no other board is as hot. Inferred: above the limit at which the clock is
 * lowered, so that this comes last, and far enough from the limit that the rail need not be cut meanwhile.
 */
const ALONE_MARGIN_C = 2;
/** The others are cool when they are so far from the limit. Inferred: the lowest limit for lowering the clock. */
const OTHERS_COOL_C = 5;

/**
 * Inferred: boards gain about a degree a second when their chips begin to work; a die may take its few tens of degrees
 * in some seconds.
 */
const MAX_RISE_C_PER_S = { board: 4, die: 10 } as const;
/**
 * Share of the limit from which on other boards count as rising too: coolant or air that is gone concerns all. Inferred:
 * above what a board gains that begins to work.
 */
const OTHERS_RISE_SHARE = 0.5;
/** A rise that ends far below the limit harms nothing: chips that begin to work warm up fast. */
const RISE_FROM_SHARE = 0.7;

/** How hot it may be by now: what was read, and what it may have gained since. */
export function worstC(fact: TemperatureFact, isPowered: boolean): number | undefined {
  const { tempC, ageS, isDie } = fact;
  // Not a temperature: another rule's.
  if (tempC === undefined || !isPlausible(tempC)) return undefined;
  // Chips in reset make no heat that could rise unseen. Without a known age the value itself still counts.
  if (!isPowered || !Number.isFinite(ageS)) return tempC;
  return tempC + ageS * (isDie ? SLEW_C_PER_S.die : SLEW_C_PER_S.board);
}

export function cutC({ isDie }: TemperatureFact, { boardCutC, chipCutC }: RailLimits): number {
  return isDie ? (chipCutC ?? boardCutC) : boardCutC;
}

/** The degrees that are left to the limit. */
function marginC(fact: TemperatureFact, facts: RailFacts, limits: RailLimits): number {
  const worst = worstC(fact, facts.poweredSlots.includes(fact.slot));
  return worst === undefined ? Infinity : cutC(fact, limits) - worst;
}

export const temperatureBelowCut: SafetyRule = {
  name: "temperature below cut",
  code: "TEMPERATURE_CUT",
  limit: "limits.boardC.cut and limits.chipC.cut of the machine, C, after projection by age",
  limitOf: ({ boardCutC, chipCutC }) =>
    `board ${boardCutC} C, chip ${chipCutC ?? boardCutC} C, after projection by age`,
  source: "boards/machines; slew: conservative, heat sinks of a board without air",
  evidence: "inferred",
  action: "cut",
  clears: "after five minutes at least, when it is cooler; or with resume",
  moments: [...POWERED, "foreign"],
  check: (facts, limits) => {
    const hot = facts.temperatures.filter((fact) => marginC(fact, facts, limits) <= 0);
    if (hot.length === 0) return ALL_WELL;
    return hot.map((fact) => {
      const { slot, place, tempC = null, ageS } = fact;
      const worst = worstC(fact, facts.poweredSlots.includes(slot)) ?? null;
      const context = { slot, place, tempC, ageS, worstC: worst, cutC: cutC(fact, limits) };
      return { code: "TEMPERATURE_CUT", context };
    });
  },
};

export const boardNotHotAlone: SafetyRule = {
  name: "board not hot alone",
  code: "BOARD_HOT",
  limit: `${ALONE_MARGIN_C} C below the cut limit, while all other boards are more than ${OTHERS_COOL_C} C below it`,
  source: "conservative: one bad board is taken out before it costs the others their power",
  evidence: "inferred",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: ["on"],
  check: (facts, limits) => {
    const { temperatures, poweredSlots } = facts;
    const near = temperatures.find(
      (fact) => poweredSlots.includes(fact.slot) && marginC(fact, facts, limits) <= ALONE_MARGIN_C,
    );
    if (near === undefined) return ALL_WELL;
    const { slot, place, tempC = null } = near;
    const areOthersCool = temperatures.every(
      (fact) => fact.slot === slot || marginC(fact, facts, limits) > OTHERS_COOL_C,
    );
    if (!areOthersCool) return ALL_WELL;
    return [{ slot, code: "BOARD_HOT", context: { slot, place, tempC, cutC: cutC(near, limits) } }];
  },
};

const maxRise = ({ isDie }: TemperatureFact): number =>
  isDie ? MAX_RISE_C_PER_S.die : MAX_RISE_C_PER_S.board;

export const temperatureRisesSlowly: SafetyRule = {
  name: "temperature rises slowly",
  code: "TEMPERATURE_RISING",
  limit: `board ${MAX_RISE_C_PER_S.board} C/s, die ${MAX_RISE_C_PER_S.die} C/s, above ${RISE_FROM_SHARE * 100} % of the cut limit; all power goes off when another board rises at ${OTHERS_RISE_SHARE * 100} % of that`,
  source: "conservative: a heat sink that came off, coolant that is gone",
  evidence: "inferred",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: ["on"],
  check: ({ temperatures, poweredSlots }, limits) => {
    const fast = temperatures.filter((fact) => {
      const { riseCPerS = 0, tempC = 0, slot } = fact;
      if (!poweredSlots.includes(slot) || tempC < cutC(fact, limits) * RISE_FROM_SHARE)
        return false;
      return riseCPerS > maxRise(fact);
    });
    const [first] = fast;
    if (first === undefined) return ALL_WELL;
    const isAlone = temperatures.every(
      (fact) =>
        fact.slot === first.slot || (fact.riseCPerS ?? 0) <= maxRise(fact) * OTHERS_RISE_SHARE,
    );
    return fast.map(({ slot, place, tempC = null, riseCPerS = null }) => {
      const found = {
        code: "TEMPERATURE_RISING",
        context: { slot, place, tempC, riseCPerS },
      } as const;
      return isAlone ? { slot, ...found } : found;
    });
  },
};
