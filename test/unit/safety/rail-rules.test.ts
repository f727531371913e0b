import { deepEqual, equal } from "node:assert/strict";
import type { ErrorCode } from "../../../src/lib/errors.js";
import type { RailFacts } from "../../../src/safety/rail-facts.js";
import { RAIL_RULES, type Moment } from "../../../src/safety/rail-rules.js";
import { FULL, goodFacts, LIMITS, outlet } from "./good-facts.js";

interface Case {
  readonly title: string;
  readonly facts: RailFacts;
  readonly moment?: Moment;
}

interface RuleCases {
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

const CASES: Readonly<Record<string, RuleCases>> = {
  "temperature below cut": {
    trips: [
      { title: "a board at the limit", facts: withSensor({ tempC: 75 }), code: "TEMPERATURE_CUT" },
      {
        title: "a die at its own limit",
        facts: withSensor({ tempC: 95, isDie: true }),
        code: "TEMPERATURE_CUT",
      },
      {
        title: "one hot board of several",
        facts: goodFacts({ temperatures: [outlet(), outlet({ slot: 2, tempC: 80 })] }),
        code: "TEMPERATURE_CUT",
      },
    ],
    bears: [
      { title: "a board just below", facts: withSensor({ tempC: 74.9 }) },
      { title: "a die above the board's limit", facts: withSensor({ tempC: 94.9, isDie: true }) },
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
        facts: goodFacts({ setpoint: { is: "verified", railMv: 13_200, ageS: 31 } }),
        code: "PSU_READBACK_MISMATCH",
      },
      {
        title: "a change under way before the output is on",
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
};

describe("rules of the rail", () => {
  it("all have their tests", () => {
    deepEqual(
      RAIL_RULES.map(({ name }) => name),
      Object.keys(CASES),
    );
  });

  it("permit a machine of which all is well", () => {
    deepEqual(
      RAIL_RULES.flatMap((rule) => rule.check(goodFacts(), LIMITS, "before")),
      [],
    );
  });

  for (const rule of RAIL_RULES) {
    const { trips, bears, lies } = CASES[rule.name]!;
    describe(rule.name, () => {
      for (const { title, facts, code, moment = "before" } of [...trips, ...lies])
        it(`does not bear ${title}`, () => {
          equal(rule.check(facts, LIMITS, moment)[0]?.code, code);
        });
      for (const { title, facts, moment = "before" } of bears)
        it(`bears ${title}`, () => {
          deepEqual(rule.check(facts, LIMITS, moment), []);
        });
    });
  }

  it("name the fan that turned before, where a socket is empty", () => {
    const facts = goodFacts({
      fans: [
        { fan: 1, rpm: 0, expectedRpm: FULL, goodAgeS: Infinity },
        { fan: 2, rpm: 6000, expectedRpm: FULL, goodAgeS: 1 },
        { fan: 3, rpm: 0, expectedRpm: FULL, goodAgeS: 9 },
      ],
    });
    const rule = RAIL_RULES.find(({ name }) => name === "fans turn")!;
    deepEqual(rule.check(facts, LIMITS, "on"), [
      { code: "FAN_MISSING", context: { fan: 3, rpm: 0 } },
    ]);
  });

  it("hold a die to the board's limit where it has none of its own", () => {
    const rule = RAIL_RULES.find(({ name }) => name === "temperature below cut")!;
    const facts = withSensor({ tempC: 75, isDie: true });
    const limits = { ...LIMITS, chipCutC: undefined };
    equal(rule.check(facts, limits, "on")[0]?.code, "TEMPERATURE_CUT");
  });
});
