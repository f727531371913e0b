import { deepEqual, equal } from "node:assert/strict";
import { TreeReader } from "../../../src/recorder/tree-reader.js";
import { MOMENT, SAME, TreeWriter, VALUE } from "../../../src/recorder/tree-writer.js";

const facts = (nowMs: number, readMs: number, tempC: number | undefined): unknown => ({
  temperatures: [
    { slot: 0, tempC, ageS: (nowMs - readMs) / 1000, trouble: undefined },
    { slot: 1, tempC: 40, ageS: Infinity, trouble: undefined },
  ],
  supply: undefined,
  controllers: [{ slot: 0, trouble: { code: "CONTROLLER_NO_ANSWER", context: { ageS: 8 } } }],
  loopLagMs: nowMs % 7,
});

/** As it goes through a file. */
const throughJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** Without what nobody keeps. */
function known(value: unknown): unknown {
  const all = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(all.filter(([name]) => name !== "loopLagMs"));
}

describe("facts of a recording", () => {
  it("tells what stays as it was from moments that move and values that change", () => {
    const writer = new TreeWriter();
    writer.all(facts(1000, 900, 50), 1000);
    equal(writer.compare(facts(1020, 900, 50), 1020), SAME);
    equal(writer.compare(facts(1020, 1010, 50), 1020), MOMENT);
    equal(writer.compare(facts(1020, 900, 51), 1020), VALUE);
    equal(writer.compare(facts(1020, 900, undefined), 1020), VALUE);
    equal(writer.change(facts(1020, 900, 50), 1020), undefined);
  });

  it("brings back every value and every age, also those that JSON has no word for", () => {
    const writer = new TreeWriter();
    const reader = new TreeReader();
    reader.begin(throughJson(writer.all(facts(1000, 900, undefined), 1000)));
    deepEqual(reader.at(1000), known(facts(1000, 900, undefined)));
    for (const [nowMs, readMs, tempC] of [
      [1100, 900, 50],
      [2130.5, 2100.25, 51.5],
      [3000, 2100.25, undefined],
    ] as const) {
      const change = writer.change(facts(nowMs, readMs, tempC), nowMs);
      if (change !== undefined) reader.follow(throughJson(change));
      deepEqual(reader.at(nowMs), known(facts(nowMs, readMs, tempC)));
    }
  });

  it("keeps an age on its limit to the last bit, whatever the clock", () => {
    const readMs = 430_139.900_000_001_2;
    const writer = new TreeWriter();
    const reader = new TreeReader();
    reader.begin(throughJson(writer.all(facts(430_140, readMs, 50), 430_140)));
    const nowMs = readMs + 5000;
    writer.change(facts(nowMs, readMs, 50), nowMs, true);
    const { temperatures } = reader.at(nowMs) as { temperatures: readonly { ageS: number }[] };
    equal(temperatures[0]?.ageS, (nowMs - readMs) / 1000);
  });

  it("gives numbers to paths once, and anew behind a keyframe", () => {
    const writer = new TreeWriter();
    writer.all(facts(1000, 900, 50), 1000);
    deepEqual(writer.change(facts(1000, 900, 51), 1000), {
      paths: ["temperatures.0.tempC"],
      values: [0, 51],
    });
    deepEqual(writer.change(facts(1000, 900, 52), 1000), { values: [0, 52] });
    writer.all(facts(1000, 900, 52), 1000);
    deepEqual(writer.change(facts(1000, 900, 53), 1000)?.paths, ["temperatures.0.tempC"]);
  });

  it("takes a record of another shape as a whole", () => {
    const writer = new TreeWriter();
    const reader = new TreeReader();
    const verified = { setpoint: { is: "verified", railMv: 13_200, ageS: 0.5 } };
    reader.begin(throughJson(writer.all(verified, 1000)));
    const change = writer.change({ setpoint: { is: "changing" } }, 2000);
    deepEqual(change?.values, [0, { is: "changing" }]);
    reader.follow(change);
    deepEqual(reader.at(2000), { setpoint: { is: "changing" } });
  });
});
