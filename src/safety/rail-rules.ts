import type { Finding } from "../lib/finding.js";
import type { FanFact, RailFacts, RailLimits, TemperatureFact } from "./rail-facts.js";

/** A sensor is read once a second; five rounds without an answer are no accident. Inferred. */
const SENSOR_MAX_AGE_S = 5;
/** Since a fan was last seen to turn fast enough; one wrong count of edges is an accident. Inferred. */
const FAN_MAX_AGE_S = 5;
/** A supply's bus needs seconds a round; an older setpoint is read once more before the output is switched on. */
const SETPOINT_MAX_AGE_S = 30;
/** Readings outside are faults and no temperatures. Documented: fact sheet power, section 3.1, and so is exactly 0. */
const PLAUSIBLE_C = { above: 0, upTo: 120 };

/**
 * What is read back lies beside what was asked for by up to a step of the supply's converter, which is no more than this
 * share of the voltage. Inferred from the formulas of all known types.
 */
const STEP_SHARE = 0.0025;

/** When a rule is asked: before the output is switched on, or while it is on. */
export type Moment = "before" | "on";

export interface RailRule {
  readonly name: string;
  /** What is not as it must be; nothing when all is well. */
  readonly check: (facts: RailFacts, limits: RailLimits, moment: Moment) => readonly Finding[];
}

const isPlausible = (tempC: number): boolean =>
  tempC > PLAUSIBLE_C.above && tempC <= PLAUSIBLE_C.upTo;

const atSensor = ({ slot, place }: TemperatureFact): { slot: number; place: string } => ({
  slot,
  place,
});

const temperatureBelowCut: RailRule = {
  name: "temperature below cut",
  check: ({ temperatures }, { boardCutC, chipCutC }) =>
    temperatures.flatMap((fact) => {
      const cutC = fact.isDie ? (chipCutC ?? boardCutC) : boardCutC;
      const { tempC } = fact;
      // An old value counts too: it does not become cooler by not being read.
      if (tempC === undefined || !isPlausible(tempC) || tempC < cutC) return [];
      return [{ code: "TEMPERATURE_CUT", context: { ...atSensor(fact), tempC, cutC } }];
    }),
};

const temperatureFresh: RailRule = {
  name: "temperature fresh",
  check: ({ temperatures }) =>
    temperatures.flatMap((fact) => {
      const { tempC, ageS, trouble } = fact;
      if (tempC !== undefined && ageS <= SENSOR_MAX_AGE_S) return [];
      const code = trouble === "SENSOR_IMPLAUSIBLE" ? trouble : "SENSOR_SILENT";
      const ageKnownS = tempC === undefined ? null : ageS;
      return [
        {
          code,
          context: { ...atSensor(fact), ageS: ageKnownS, trouble: trouble ?? null },
        } as const,
      ];
    }),
};

const temperaturePlausible: RailRule = {
  name: "temperature plausible",
  check: ({ temperatures }) =>
    temperatures.flatMap((fact) => {
      const { tempC } = fact;
      if (tempC === undefined || isPlausible(tempC)) return [];
      return [{ code: "SENSOR_IMPLAUSIBLE", context: { ...atSensor(fact), tempC } } as const];
    }),
};

const boardsMeasured: RailRule = {
  name: "boards measured",
  check: ({ poweredSlots, temperatures }) => {
    if (poweredSlots.length === 0) return [{ code: "BOARD_MISSING", context: { powered: 0 } }];
    return poweredSlots
      .filter((slot) => !temperatures.some((fact) => fact.slot === slot))
      .map((slot) => ({ code: "SENSOR_SILENT", context: { slot, sensors: 0 } }) as const);
  },
};

const fansTurn: RailRule = {
  name: "fans turn",
  check: ({ fans, neededFans }) => {
    const bad = fans.filter(({ goodAgeS }) => !(goodAgeS <= FAN_MAX_AGE_S));
    const lacking = neededFans - (fans.length - bad.length);
    if (lacking <= 0) return [];
    if (bad.length === 0) return [{ code: "FAN_MISSING", context: { needed: neededFans } }];
    // Where more tachs than fans are wired, those that turned before are the ones that are missed.
    const lost = bad.filter(({ goodAgeS }) => Number.isFinite(goodAgeS));
    return (lost.length > 0 ? lost : bad).map((fan) => fanFinding(fan, fan.expectedRpm.leastRpm));
  },
};

const setpointVerified: RailRule = {
  name: "setpoint verified",
  check: ({ setpoint }, _limits, moment) => {
    switch (setpoint.is) {
      case "verified":
        return moment === "on" || setpoint.ageS <= SETPOINT_MAX_AGE_S
          ? []
          : [{ code: "PSU_READBACK_MISMATCH", context: { setpoint: "old", ageS: setpoint.ageS } }];
      case "changing":
        return moment === "on"
          ? []
          : [{ code: "PSU_READBACK_MISMATCH", context: { setpoint: "changing" } }];
      case "unread":
        return [{ code: "PSU_READBACK_MISMATCH", context: { setpoint: "unread" } }];
      case "wrong":
        return [
          {
            code: "PSU_READBACK_MISMATCH",
            context: { wantedMv: setpoint.wantedMv, readMv: setpoint.readMv },
          },
        ];
    }
  },
};

const setpointWithinLimits: RailRule = {
  name: "setpoint within limits",
  check: ({ setpoint }, { minMv, maxMv }) => {
    if (setpoint.is !== "verified") return [];
    const { railMv } = setpoint;
    if (railMv >= minMv * (1 - STEP_SHARE) && railMv <= maxMv * (1 + STEP_SHARE)) return [];
    return [{ code: "PSU_VOLTAGE_OUT_OF_RANGE", context: { railMv, minMv, maxMv } }];
  },
};

/** A fan that does not do what it must: it stands, or its speed cannot be read, or it is slow. */
export function fanFinding({ fan, rpm }: FanFact, minRpm: number): Finding {
  if (rpm === undefined || rpm === 0)
    return { code: "FAN_MISSING", context: { fan, rpm: rpm ?? null } };
  return { code: "FAN_SLOW", context: { fan, rpm, minRpm } };
}

/** All that must hold before the output is switched on and as long as it is. */
export const RAIL_RULES: readonly RailRule[] = [
  temperatureBelowCut,
  temperatureFresh,
  temperaturePlausible,
  boardsMeasured,
  fansTurn,
  setpointVerified,
  setpointWithinLimits,
];

/** What holds even while it is still being found out what a running machine is like. */
export const DANGER_RULES: readonly RailRule[] = [temperatureBelowCut];
