import { deepEqual, equal } from "node:assert/strict";
import { ERROR_TABLE } from "../../../src/lib/errors.js";
import { RAIL_RULES } from "../../../src/safety/rail-rules.js";
import { railVerdict } from "../../../src/safety/rail-verdict.js";
import { FULL, goodFacts, LIMITS, outlet } from "./good-facts.js";
import { CASES, rising } from "./rule-cases.js";

describe("rules of the rail", () => {
  it("all have their tests", () => {
    deepEqual(RAIL_RULES.map(({ name }) => name).toSorted(), Object.keys(CASES).toSorted());
    for (const [name, { trips, bears }] of Object.entries(CASES))
      equal(trips.length > 0 && bears.length > 0, true, name);
  });

  it("permit a machine of which all is well", () => {
    for (const moment of ["before", "on", "off", "foreign"] as const)
      deepEqual(
        RAIL_RULES.flatMap((rule) => rule.check(goodFacts(), LIMITS, moment)),
        [],
      );
  });

  for (const rule of RAIL_RULES) {
    const { trips, bears, lies } = CASES[rule.name]!;
    describe(rule.name, () => {
      for (const { title, facts, code, moment = "before" } of [...trips, ...lies])
        it(`does not bear ${title}`, () => {
          const [found] = rule.check(facts, LIMITS, moment);
          equal(found?.code, code);
          // The case is one that the interlock meets.
          equal(rule.moments.includes(moment), true, moment);
          // Somebody has to be taken out, or all are.
          if (rule.action === "isolate" && code !== "BOARD_MISSING")
            equal(found.slot, found.context["slot"]);
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

  it("take out a board that rises alone, and cut when another one rises with it", () => {
    const slotsOf = (otherCPerS: number): unknown[] => {
      const { cut, isolate } = railVerdict(() => rising(otherCPerS), LIMITS, "on");
      return [cut.map(({ code }) => code), isolate.map(({ slot }) => slot)];
    };
    deepEqual(slotsOf(2), [[], [0, 0]]);
    deepEqual(slotsOf(2.1), [["TEMPERATURE_RISING", "TEMPERATURE_RISING"], []]);
  });

  it("hold a die to the board's limit where it has none of its own", () => {
    const rule = RAIL_RULES.find(({ name }) => name === "temperature below cut")!;
    const facts = goodFacts({ temperatures: [outlet({ tempC: 75, isDie: true })] });
    const limits = { ...LIMITS, chipCutC: undefined };
    equal(rule.check(facts, limits, "on")[0]?.code, "TEMPERATURE_CUT");
  });

  it("each say limit, source, what they do and what ends it", () => {
    for (const { name, code, limit, source, evidence, action, clears } of RAIL_RULES) {
      for (const text of [name, limit, source, clears]) equal(text.length > 3, true, name);
      equal(code in ERROR_TABLE, true, code);
      equal(["documented", "captured", "inferred"].includes(evidence), true, name);
      equal(["cut", "isolate", "warn"].includes(action), true, name);
    }
    equal(new Set(RAIL_RULES.map(({ name }) => name)).size, RAIL_RULES.length);
  });
});
