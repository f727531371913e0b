import { deepEqual, equal, ok } from "node:assert/strict";
import { DutyMemory } from "../../../src/cooling/duty-memory.js";
import { expectedRpm } from "../../../src/cooling/fan-speed.js";
import { Fan, GOOD_FAN } from "../../../src/virtual/body/fan.js";

const FACTS = { minRpm: 5000, maxRpm: 7900, fullRpm: 6600 };
const at = (pct: number) => ({ lowPct: pct, highPct: pct });

describe("expected speed of a fan", () => {
  it("holds what an S19k Pro shows at half and at full duty", () => {
    const facts = { ...FACTS, fullRpm: undefined };
    for (const [pct, slowest, fastest] of [
      [50, 4200, 5400],
      [100, 6300, 7900],
    ] as const) {
      const { leastRpm, mostRpm } = expectedRpm(facts, at(pct));
      ok(leastRpm < slowest && Number(mostRpm) > fastest, String(pct));
    }
  });

  for (const dutyPct of [20, 30, 50])
    it(`makes a tach that tells full speed at ${dutyPct} % a liar`, () => {
      ok(Number(expectedRpm(FACTS, at(dutyPct)).mostRpm) < FACTS.fullRpm);
    });

  for (const dutyPct of [20, 40, 60, 80, 100])
    it(`finds a fan that stands at ${dutyPct} %, and one at a third of its speed`, () => {
      const { leastRpm } = expectedRpm(FACTS, at(dutyPct));
      ok(leastRpm > 0);
      ok(leastRpm > (FACTS.fullRpm * (dutyPct / 100) ** 0.58) / 3 || dutyPct < 40);
    });

  it("is nothing where a fan may stand", () => {
    equal(expectedRpm(FACTS, at(10)).leastRpm, 0);
  });

  it("has no upper end where nobody knows how fast such fans are", () => {
    const facts = { minRpm: 500, maxRpm: undefined, fullRpm: undefined };
    equal(expectedRpm(facts, at(50)).mostRpm, undefined);
  });

  it("needs of a fan more than half of its own speed", () => {
    equal(expectedRpm({ ...FACTS, minRpm: 500 }, at(100)).leastRpm, 0.6 * 6600);
  });

  it("holds while a fan of the model follows any change of its duty", () => {
    const fan = new Fan(6600);
    const duties = new DutyMemory();
    fan.setTrouble(GOOD_FAN);
    let pct = 100;
    duties.told(pct, 0);
    fan.setDuty(1);
    for (let ms = 0; ms < 20_000; ms += 100) fan.step(100, true);
    for (let ms = 20_000; ms < 200_000; ms += 100) {
      if (ms % 20_000 === 0) {
        pct = [20, 100, 35, 60, 21][(ms / 20_000) % 5] ?? 100;
        duties.told(pct, ms);
        fan.setDuty(pct / 100);
      }
      fan.step(100, true);
      const { leastRpm, mostRpm } = expectedRpm(FACTS, duties.range(ms));
      ok(fan.rpm >= leastRpm && fan.rpm <= Number(mostRpm), `${fan.rpm} rpm at ${ms} ms`);
    }
  });
});

describe("duties of the last seconds", () => {
  it("count as full before anything was told", () => {
    deepEqual(new DutyMemory().range(5), { lowPct: 100, highPct: 100 });
  });

  it("hold ten seconds long", () => {
    const duties = new DutyMemory();
    duties.told(100, 0);
    duties.told(40, 30_000);
    duties.told(60, 31_000);
    deepEqual(duties.range(35_000), { lowPct: 40, highPct: 100 });
    deepEqual(duties.range(40_500), { lowPct: 40, highPct: 60 });
    deepEqual(duties.range(41_000), { lowPct: 60, highPct: 60 });
  });

  it("are forgotten when they are older, and the last never is", () => {
    const duties = new DutyMemory();
    for (let second = 0; second < 100; second++) duties.told(20 + (second % 7), second * 1000);
    const { lowPct, highPct } = duties.range(1_000_000);
    equal(lowPct, highPct);
    equal(lowPct, duties.lastPct);
  });
});
