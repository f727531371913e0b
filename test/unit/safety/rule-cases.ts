import type { ErrorCode } from "../../../src/lib/errors.js";
import type { RailFacts } from "../../../src/safety/rail-facts.js";
import type { Moment } from "../../../src/safety/rules/rule.js";
import { FULL, goodChain, goodFacts, goodSupply, outlet } from "./good-facts.js";

export interface Case {
  readonly title: string;
  readonly facts: RailFacts;
  readonly moment?: Moment;
  /** Nothing to cut for: the output is not switched on. */
  readonly isOnlyBefore?: boolean;
}

export interface RuleCases {
  readonly trips: readonly (Case & { readonly code: ErrorCode })[];
  /** Just on the right side. */
  readonly bears: readonly Case[];
  /** The part lies or died. */
  readonly lies: readonly (Case & { readonly code: ErrorCode })[];
}

const withSensor = (...args: Parameters<typeof outlet>): RailFacts =>
  goodFacts({ temperatures: [outlet(...args)] });
const withFan = (rpm: number | undefined, goodAgeS: number): RailFacts =>
  goodFacts({
    fans: [
      { fan: 1, rpm: 6000, expectedRpm: FULL, goodAgeS: 0.5 },
      { fan: 2, rpm, expectedRpm: FULL, goodAgeS },
    ],
  });

const withChain = (changes: Parameters<typeof goodChain>[0]): RailFacts =>
  goodFacts({ chains: [goodChain(changes)] });
const withSupply = (changes: Parameters<typeof goodSupply>[0]): RailFacts =>
  goodFacts({ supply: goodSupply(changes) });
const wrong = (outputMv: number, times: number): RailFacts =>
  withSupply({ wrongOutput: { setpointMv: 13_200, outputMv, times } });
const lying = (liesS: number | undefined, neededFans = 2): RailFacts =>
  goodFacts({
    neededFans,
    fans: [
      { fan: 1, rpm: 6000, expectedRpm: FULL, goodAgeS: 0.5 },
      { fan: 2, rpm: 12_000, expectedRpm: FULL, goodAgeS: 0.5, liesS },
    ],
  });
/** Both sensors of slot 0 rise too fast, the board beside it at `otherCPerS`. */
export const rising = (otherCPerS: number): RailFacts =>
  goodFacts({
    poweredSlots: [0, 1],
    temperatures: [
      outlet({ tempC: 60, riseCPerS: 5 }),
      outlet({ place: "inlet", tempC: 58, riseCPerS: 5 }),
      outlet({ slot: 1, tempC: 45, riseCPerS: otherCPerS }),
    ],
  });
const controller = (answerAgeS: number, isInTrouble: boolean): RailFacts =>
  goodFacts({
    controllers: [
      {
        ...{ slot: 0, answerAgeS },
        trouble: isInTrouble ? { code: "I2C_NACK", context: {} } : undefined,
      },
    ],
  });
const on = "on" as const;

export const CASES: Readonly<Record<string, RuleCases>> = {
  "temperature below cut": {
    trips: [
      { title: "a board at the limit", facts: withSensor({ tempC: 75 }), code: "TEMPERATURE_CUT" },
      {
        title: "a die at its own limit",
        facts: withSensor({ tempC: 95, isDie: true }),
        code: "TEMPERATURE_CUT",
      },
      {
        title: "a board that may be at the limit by now",
        facts: withSensor({ tempC: 71.5, ageS: 4 }),
        code: "TEMPERATURE_CUT",
      },
      {
        title: "a die that may be at its limit by now",
        facts: withSensor({ tempC: 86, ageS: 3.5, isDie: true }),
        code: "TEMPERATURE_CUT",
      },
      {
        title: "a board that is isolated",
        facts: goodFacts({ temperatures: [outlet(), outlet({ slot: 1, tempC: 75 })] }),
        code: "TEMPERATURE_CUT",
      },
      {
        title: "one hot board of several",
        facts: goodFacts({ temperatures: [outlet(), outlet({ slot: 2, tempC: 80 })] }),
        code: "TEMPERATURE_CUT",
      },
    ],
    bears: [
      { title: "a board just below", facts: withSensor({ tempC: 74.9, ageS: 0 }) },
      {
        title: "a die above the board's limit",
        facts: withSensor({ tempC: 94.9, isDie: true, ageS: 0 }),
      },
      {
        title: "a board that was just below when it was isolated, read long ago",
        facts: goodFacts({
          temperatures: [outlet(), outlet({ slot: 1, tempC: 74.9, ageS: 600 })],
        }),
      },
    ],
    lies: [
      {
        title: "a hot sensor that died since",
        facts: withSensor({ tempC: 76, ageS: 3600, trouble: "I2C_NACK" }),
        code: "TEMPERATURE_CUT",
      },
    ],
  },
  "temperature fresh": {
    trips: [
      { title: "no answer for six seconds", facts: withSensor({ ageS: 6 }), code: "SENSOR_SILENT" },
    ],
    bears: [{ title: "five seconds without one", facts: withSensor({ ageS: 5 }) }],
    lies: [
      {
        title: "a sensor that never answered",
        facts: withSensor({ tempC: undefined, ageS: Infinity, trouble: "I2C_NACK" }),
        code: "SENSOR_SILENT",
      },
      {
        title: "one that gives what no part gives",
        facts: withSensor({ ageS: 6, trouble: "SENSOR_IMPLAUSIBLE" }),
        code: "SENSOR_IMPLAUSIBLE",
      },
      {
        title: "an age that is no number",
        facts: withSensor({ ageS: NaN }),
        code: "SENSOR_SILENT",
      },
    ],
  },
  "temperature plausible": {
    trips: [
      { title: "exactly zero", facts: withSensor({ tempC: 0 }), code: "SENSOR_IMPLAUSIBLE" },
      { title: "above 120", facts: withSensor({ tempC: 120.1 }), code: "SENSOR_IMPLAUSIBLE" },
    ],
    bears: [
      { title: "the coldest step", facts: withSensor({ tempC: 0.0625 }) },
      { title: "silence, which is another rule's", facts: withSensor({ tempC: undefined }) },
    ],
    lies: [
      { title: "an open diode", facts: withSensor({ tempC: 127 }), code: "SENSOR_IMPLAUSIBLE" },
      { title: "no number", facts: withSensor({ tempC: NaN }), code: "SENSOR_IMPLAUSIBLE" },
    ],
  },
  "boards measured": {
    trips: [
      {
        title: "a powered board without a sensor",
        facts: goodFacts({ poweredSlots: [0, 1] }),
        code: "SENSOR_SILENT",
      },
      { title: "no board", facts: goodFacts({ poweredSlots: [] }), code: "BOARD_MISSING" },
    ],
    bears: [{ title: "one sensor for the one board", facts: goodFacts() }],
    lies: [
      {
        title: "sensors of another board",
        facts: goodFacts({ temperatures: [outlet({ slot: 1 })] }),
        code: "SENSOR_SILENT",
      },
    ],
  },
  "fans turn": {
    trips: [
      { title: "a fan that stands", facts: withFan(0, 6), code: "FAN_MISSING" },
      { title: "a fan that is slow", facts: withFan(4999, 6), code: "FAN_SLOW" },
      { title: "fewer tachs than fans", facts: goodFacts({ neededFans: 3 }), code: "FAN_MISSING" },
    ],
    bears: [
      { title: "five seconds of wrong counts", facts: withFan(0, 5) },
      { title: "a socket without a fan", facts: { ...withFan(0, Infinity), neededFans: 1 } },
      { title: "liquid cooling", facts: goodFacts({ neededFans: 0, fans: [] }) },
    ],
    lies: [
      { title: "a tach that cannot be read", facts: withFan(undefined, 6), code: "FAN_MISSING" },
      { title: "a fan never seen to turn", facts: withFan(0, Infinity), code: "FAN_MISSING" },
    ],
  },
  "setpoint verified": {
    trips: [
      {
        title: "another voltage than asked for",
        facts: goodFacts({ setpoint: { is: "wrong", wantedMv: 13_200, readMv: 15_000 } }),
        code: "PSU_READBACK_MISMATCH",
      },
      {
        title: "a reading from before",
        isOnlyBefore: true,
        facts: goodFacts({ setpoint: { is: "verified", railMv: 13_200, ageS: 31 } }),
        code: "PSU_READBACK_MISMATCH",
      },
      {
        title: "a change under way before the output is on",
        isOnlyBefore: true,
        facts: goodFacts({ setpoint: { is: "changing" } }),
        code: "PSU_READBACK_MISMATCH",
      },
    ],
    bears: [
      {
        title: "a reading of half a minute ago",
        facts: goodFacts({ setpoint: { is: "verified", railMv: 13_200, ageS: 30 } }),
      },
      {
        title: "an old reading while the output is on",
        facts: goodFacts({ setpoint: { is: "verified", railMv: 13_200, ageS: 300 } }),
        moment: "on",
      },
      {
        title: "a change while the output is on",
        facts: goodFacts({ setpoint: { is: "changing" } }),
        moment: "on",
      },
    ],
    lies: [
      {
        title: "a supply that does not tell",
        facts: goodFacts({ setpoint: { is: "unread" } }),
        code: "PSU_READBACK_MISMATCH",
      },
    ],
  },
  "setpoint within limits": {
    trips: [
      {
        title: "more than the machine bears",
        facts: goodFacts({ setpoint: { is: "verified", railMv: 15_038, ageS: 1 } }),
        code: "PSU_VOLTAGE_OUT_OF_RANGE",
      },
      {
        title: "less than it needs",
        facts: goodFacts({ setpoint: { is: "verified", railMv: 11_969, ageS: 1 } }),
        code: "PSU_VOLTAGE_OUT_OF_RANGE",
      },
    ],
    bears: [
      {
        title: "the highest voltage, to a step of the supply",
        facts: goodFacts({ setpoint: { is: "verified", railMv: 15_013, ageS: 1 } }),
      },
      {
        title: "the lowest voltage, to a step of the supply",
        facts: goodFacts({ setpoint: { is: "verified", railMv: 11_987, ageS: 1 } }),
      },
    ],
    lies: [
      {
        title: "no number",
        facts: goodFacts({ setpoint: { is: "verified", railMv: NaN, ageS: 1 } }),
        code: "PSU_VOLTAGE_OUT_OF_RANGE",
      },
    ],
  },
  "guard fed": {
    trips: [
      {
        title: "a guard that cut",
        facts: goodFacts({ guard: { is: "tripped", cause: "unfed", atUnixMs: 0 } }),
        code: "GUARD_TRIPPED",
        moment: on,
      },
    ],
    bears: [{ title: "one that is armed", facts: goodFacts(), moment: on }],
    lies: [],
  },
  "event loop runs": {
    trips: [
      {
        title: "a stall that the guard should have ended",
        facts: goodFacts({ loopLagMs: 501 }),
        code: "EVENT_LOOP_STALLED",
        moment: on,
      },
    ],
    bears: [
      {
        title: "a stall that the guard lets pass",
        facts: goodFacts({ loopLagMs: 430 }),
        moment: on,
      },
    ],
    lies: [],
  },
  "temperature rises slowly": {
    trips: [
      {
        title: "a warm board that gains five degrees a second",
        facts: withSensor({ tempC: 60, riseCPerS: 5 }),
        code: "TEMPERATURE_RISING",
        moment: on,
      },
      {
        title: "a die that gains eleven",
        facts: withSensor({ tempC: 80, riseCPerS: 11, isDie: true }),
        code: "TEMPERATURE_RISING",
        moment: on,
      },
      {
        title: "a board that rises beside a steady one",
        facts: rising(1),
        code: "TEMPERATURE_RISING",
        moment: on,
      },
    ],
    bears: [
      {
        title: "a warm board that warms up",
        facts: withSensor({ tempC: 60, riseCPerS: 3.9 }),
        moment: on,
      },
      {
        title: "a cold board that warms up fast",
        facts: withSensor({ tempC: 40, riseCPerS: 9 }),
        moment: on,
      },
      { title: "one that cools down", facts: withSensor({ tempC: 60, riseCPerS: -9 }), moment: on },
    ],
    lies: [],
  },
  "sensor moves": {
    trips: [
      {
        title: "one that stays while another moves",
        facts: withSensor({ unchangedS: 61, othersMovedC: 6 }),
        code: "SENSOR_STUCK",
        moment: on,
      },
      {
        title: "one that stays while its board begins to work",
        facts: goodFacts({
          temperatures: [outlet({ unchangedS: 140 })],
          chains: [goodChain({ sinceS: 130 })],
        }),
        code: "SENSOR_STUCK",
        moment: on,
      },
    ],
    bears: [
      {
        title: "steady readings",
        facts: withSensor({ unchangedS: 600, othersMovedC: 5 }),
        moment: on,
      },
      { title: "a short rest", facts: withSensor({ unchangedS: 59, othersMovedC: 9 }), moment: on },
      {
        title: "a steady reading of a board that has worked for long",
        facts: goodFacts({
          temperatures: [outlet({ unchangedS: 300 })],
          chains: [goodChain({ sinceS: 4000 })],
        }),
        moment: on,
      },
    ],
    lies: [],
  },
  "sensors agree": {
    trips: [
      {
        title: "two sensors of a board fifty degrees apart",
        facts: goodFacts({
          temperatures: [outlet({ tempC: 70 }), outlet({ place: "inlet", tempC: 20 })],
        }),
        code: "SENSORS_DISAGREE",
        moment: on,
      },
    ],
    bears: [
      {
        title: "intake and outlet of a board",
        facts: goodFacts({
          temperatures: [outlet({ tempC: 65 }), outlet({ place: "inlet", tempC: 25 })],
        }),
        moment: on,
      },
      {
        title: "boards of which one is cold",
        facts: goodFacts({
          poweredSlots: [0, 1],
          temperatures: [outlet({ tempC: 70 }), outlet({ slot: 1, tempC: 20 })],
        }),
        moment: on,
      },
    ],
    lies: [],
  },
  "board not hot alone": {
    trips: [
      {
        title: "a board near its limit beside cool ones",
        facts: goodFacts({
          poweredSlots: [0, 1],
          temperatures: [outlet({ tempC: 73, ageS: 0 }), outlet({ slot: 1, tempC: 69 })],
        }),
        code: "BOARD_HOT",
        moment: on,
      },
    ],
    bears: [
      {
        title: "a board that is warm",
        facts: goodFacts({
          poweredSlots: [0, 1],
          temperatures: [outlet({ tempC: 72.9, ageS: 0 }), outlet({ slot: 1, tempC: 60 })],
        }),
        moment: on,
      },
      {
        title: "boards that are hot together",
        facts: goodFacts({
          poweredSlots: [0, 1],
          temperatures: [outlet({ tempC: 73, ageS: 0 }), outlet({ slot: 1, tempC: 70, ageS: 0 })],
        }),
        moment: on,
      },
    ],
    lies: [],
  },
  "fans tell the truth": {
    trips: [
      { title: "a fan faster than its duty for six seconds", facts: lying(6), code: "FAN_LYING" },
    ],
    bears: [
      { title: "some wrong counts", facts: lying(5) },
      { title: "one that another stands in for", facts: lying(60, 1) },
      { title: "liquid cooling", facts: lying(60, 0) },
    ],
    lies: [],
  },
  "output not too low": {
    trips: [
      {
        title: "two low measurements",
        facts: wrong(12_000, 2),
        code: "PSU_OUTPUT_WRONG",
        moment: on,
      },
    ],
    bears: [
      { title: "one", facts: wrong(12_000, 1), moment: on },
      { title: "high ones, which are another rule's", facts: wrong(14_000, 2), moment: on },
    ],
    lies: [{ title: "no number", facts: wrong(0, 3), code: "PSU_OUTPUT_WRONG", moment: on }],
  },
  "output not too high": {
    trips: [
      {
        title: "two high measurements",
        facts: wrong(14_000, 2),
        code: "PSU_OUTPUT_WRONG",
        moment: on,
      },
    ],
    bears: [
      { title: "one", facts: wrong(14_000, 1), moment: on },
      { title: "low ones, which are another rule's", facts: wrong(12_000, 2), moment: on },
    ],
    lies: [{ title: "no number", facts: wrong(NaN, 2), code: "PSU_OUTPUT_WRONG", moment: on }],
  },
  "supply answers": {
    trips: [
      {
        title: "a minute of silence",
        facts: withSupply({ answerAgeS: 61 }),
        code: "PSU_NO_ANSWER",
        moment: on,
      },
    ],
    bears: [
      { title: "half a minute of it", facts: withSupply({ answerAgeS: 30 }), moment: on },
      {
        title: "one without a data line",
        facts: withSupply({ answerAgeS: undefined }),
        moment: on,
      },
    ],
    lies: [],
  },
  "power within rating": {
    trips: [
      {
        title: "more than it is rated for",
        facts: withSupply({ powerW: 3800 }),
        code: "PSU_OVERPOWER",
        moment: on,
      },
    ],
    bears: [
      { title: "what it is rated for", facts: withSupply({ powerW: 3600 }), moment: on },
      {
        title: "one that does not measure it",
        facts: withSupply({ powerW: undefined }),
        moment: on,
      },
      {
        title: "one that nobody rated",
        facts: withSupply({ powerW: 9000, ratedW: undefined }),
        moment: on,
      },
    ],
    lies: [],
  },
  "current within rating": {
    trips: [
      {
        title: "more than it is rated for",
        facts: withSupply({ currentA: 301 }),
        code: "PSU_OVERCURRENT",
        moment: on,
      },
    ],
    bears: [
      { title: "what it is rated for", facts: withSupply({ currentA: 300 }), moment: on },
      {
        title: "one that does not measure it",
        facts: withSupply({ currentA: undefined }),
        moment: on,
      },
    ],
    lies: [],
  },
  "supply not hot": {
    trips: [
      { title: "one hot place", facts: withSupply({ temperaturesC: [40, 95] }), code: "PSU_HOT" },
    ],
    bears: [
      { title: "a warm one", facts: withSupply({ temperaturesC: [94.9] }) },
      { title: "one that does not tell", facts: withSupply({ temperaturesC: [] }) },
    ],
    lies: [],
  },
  "controllers answer": {
    trips: [
      {
        title: "nine seconds of silence",
        facts: controller(9, true),
        code: "CONTROLLER_NO_ANSWER",
        moment: on,
      },
    ],
    bears: [
      { title: "a few missed beats", facts: controller(7, true), moment: on },
      {
        title: "one of a board without power",
        facts: { ...controller(90, true), poweredSlots: [1] },
        moment: on,
      },
    ],
    lies: [
      {
        title: "one that never answered",
        facts: controller(Infinity, true),
        code: "CONTROLLER_NO_ANSWER",
        moment: on,
      },
    ],
  },
  "chains find nonces": {
    trips: [
      {
        title: "work and no nonce",
        facts: withChain({ nonceAgeS: 181 }),
        code: "CHAIN_HUNG",
        moment: on,
      },
      {
        title: "one that never found any",
        facts: withChain({ sinceS: 181, nonceAgeS: Infinity }),
        code: "CHAIN_HUNG",
        moment: on,
      },
    ],
    bears: [
      {
        title: "a chain that just began",
        facts: withChain({ sinceS: 100, nonceAgeS: 900 }),
        moment: on,
      },
      {
        title: "one without work",
        facts: withChain({ isWorking: false, nonceAgeS: 900 }),
        moment: on,
      },
    ],
    lies: [],
  },
  "chains not given up": {
    trips: [
      {
        title: "a chain that is not tried again",
        facts: withChain({ isWorking: false, givenUp: { code: "CHAIN_BROKEN", context: {} } }),
        code: "CHAIN_BROKEN",
        moment: on,
      },
    ],
    bears: [{ title: "one that is", facts: withChain({ isWorking: false }), moment: on }],
    lies: [],
  },
  "hash has power": {
    trips: [
      {
        title: "nonces long after power went off",
        facts: { ...withChain({ nonceAgeS: 1 }), railSinceS: 36 },
        code: "HASH_WITHOUT_POWER",
        moment: "off",
      },
    ],
    bears: [
      {
        title: "nonces while the rail empties",
        facts: { ...withChain({ nonceAgeS: 1 }), railSinceS: 30 },
        moment: "off",
      },
      {
        title: "old ones",
        facts: { ...withChain({ nonceAgeS: 40 }), railSinceS: 36 },
        moment: "off",
      },
    ],
    lies: [],
  },
  "control board not hot": {
    trips: [
      {
        title: "a hot one",
        facts: goodFacts({ controlBoard: { tempC: 85, ageS: 0 } }),
        code: "CONTROL_BOARD_HOT",
      },
      {
        title: "one that may be hot by now",
        facts: goodFacts({ controlBoard: { tempC: 80, ageS: 11 } }),
        code: "CONTROL_BOARD_HOT",
      },
    ],
    bears: [
      { title: "a warm one", facts: goodFacts({ controlBoard: { tempC: 80, ageS: 2 } }) },
      { title: "one that does not tell", facts: goodFacts() },
    ],
    lies: [],
  },
  "power has work": {
    trips: [
      {
        title: "two minutes without work",
        facts: withChain({ isWorking: false, sinceS: 121 }),
        code: "POWER_WITHOUT_WORK",
        moment: on,
      },
    ],
    bears: [
      {
        title: "a pause by order",
        facts: withChain({ isWorking: false, sinceS: 900, isWanted: false }),
        moment: on,
      },
      {
        title: "one chain that works",
        facts: goodFacts({
          chains: [goodChain(), goodChain({ slot: 1, isWorking: false, sinceS: 900 })],
        }),
        moment: on,
      },
    ],
    lies: [],
  },
  "clock steady": {
    trips: [
      { title: "a move forward", facts: goodFacts({ clockJumpS: 3600 }), code: "CLOCK_JUMPED" },
      { title: "a move back", facts: goodFacts({ clockJumpS: -3 }), code: "CLOCK_JUMPED" },
    ],
    bears: [{ title: "a small one", facts: goodFacts({ clockJumpS: 2 }) }],
    lies: [],
  },
  "disk has space": {
    trips: [{ title: "none", facts: goodFacts({ isDiskFull: true }), code: "DISK_FULL" }],
    bears: [{ title: "not knowing", facts: goodFacts({ isDiskFull: undefined }) }],
    lies: [],
  },
};
