import { deepEqual, equal, ok } from "node:assert/strict";
import type { CoolingDecision, CoolingInputs } from "../../../src/cooling/cooling-inputs.js";
import { LIES_TO_DOUBT } from "../../../src/cooling/cooling-faults.js";
import { decide, freshMemory, RUN_ON_LIMIT_MS } from "../../../src/cooling/decide.js";
import { SeededRandom } from "../../../src/virtual/random.js";
import { at, fan, FANS, inputs, memory, PLAN, QUIET } from "./cooling-rig.js";

const ROUNDS = 4000;
const SEED = 5;

/** Whatever is not as it must be, by name. */
const FAULTS: readonly (readonly [string, Partial<CoolingInputs>, string])[] = [
  ["a sensor that never spoke", { temperatures: [at(60, { tempC: undefined })] }, "SENSOR_SILENT"],
  ["a stale value", { temperatures: [at(60, { ageS: 4.1 })] }, "SENSOR_SILENT"],
  [
    "a sensor that fails now",
    { temperatures: [at(50), at(60, { trouble: "I2C_NACK" })] },
    "SENSOR_SILENT",
  ],
  ["a value that cannot be", { temperatures: [at(0)] }, "SENSOR_IMPLAUSIBLE"],
  ["no number", { temperatures: [at(NaN)] }, "SENSOR_IMPLAUSIBLE"],
  ["a board without a sensor", { slots: [0, 1] }, "SENSOR_SILENT"],
  ["no board", { slots: [], temperatures: [] }, "BOARD_MISSING"],
  ["a fan that stands", { fans: [...FANS.slice(1), fan({ rpm: 0 })] }, "FAN_MISSING"],
  ["a slow fan", { fans: [...FANS.slice(1), fan({ rpm: 1400 })] }, "FAN_SLOW"],
  [
    "a tach that cannot be read",
    { fans: [...FANS.slice(1), fan({ rpm: undefined })] },
    "FAN_MISSING",
  ],
  ["a fan too few", { fans: FANS.slice(1) }, "FAN_MISSING"],
  ["a loop that was held up", { lateMs: 2500 }, "COOLING_LATE"],
];

describe("decision of the cooling", () => {
  describe("at a fault", () => {
    for (const [title, changes, code] of FAULTS)
      it(`is full duty for ${title}`, () => {
        const { dutyPct, reason, fault } = decide(inputs(changes), PLAN, memory());
        deepEqual([dutyPct, reason, fault?.code], [100, "failSafe", code]);
      });

    it("is full duty whatever else is so, and whatever the quiet cap", () => {
      const random = new SeededRandom(SEED);
      for (let round = 0; round < ROUNDS; round++) {
        const [title, changes] = FAULTS[Math.floor(random.next() * FAULTS.length)]!;
        const before = someMemory(random);
        const dutyPct = decide(inputs(changes), random.next() < 0.5 ? PLAN : QUIET, before).dutyPct;
        equal(dutyPct, 100, `${title}, round ${round}, seed ${SEED}`);
      }
    });

    it("names the fan by its number, and not an empty socket", () => {
      const fans = [
        fan({ fan: 1, rpm: 0, goodAgeS: Infinity }),
        ...[2, 3, 4].map((number) => fan({ fan: number })),
        fan({ fan: 5, rpm: 0, goodAgeS: 3 }),
      ];
      equal(decide(inputs({ fans }), PLAN, memory()).fault?.context["fan"], 5);
    });

    it("bears an empty socket where the machine needs fewer fans", () => {
      const fans = [...FANS, fan({ fan: 5, rpm: 0, goodAgeS: Infinity })];
      equal(decide(inputs({ fans }), PLAN, memory()).fault, null);
    });

    it("lasts until every sensor spoke after it", () => {
      const good = (ageS: number) => ({ temperatures: [at(60, { ageS })], nowMs: 106_000 });
      const { memory: after } = decide(inputs({ lateMs: 2500 }), PLAN, memory());
      equal(decide(inputs(good(6)), PLAN, after).dutyPct, 100);
      ok(decide(inputs(good(1)), PLAN, after).dutyPct < 100);
    });

    it("lasts five seconds at least", () => {
      const { memory: after } = decide(inputs({ lateMs: 2500 }), PLAN, memory());
      const nowMs = 103_000;
      equal(decide(inputs({ nowMs }), PLAN, after).reason, "failSafe");
    });

    it("does not believe a tach any more that told too much for eight seconds", () => {
      const lying = [...FANS.slice(1), fan({ rpm: 7100 })];
      let decision = decide(inputs({ fans: lying }), PLAN, memory());
      for (let second = 1; second < LIES_TO_DOUBT; second++) {
        // Full duty would make the lie look true.
        equal(decision.fault, null);
        const nowMs = 100_000 + second * 1000;
        decision = decide(inputs({ fans: lying, nowMs }), PLAN, decision.memory);
      }
      equal(decision.fault?.code, "FAN_LYING");
      const later = decide(inputs({ nowMs: 200_000 }), PLAN, decision.memory);
      deepEqual([later.dutyPct, later.fault?.code], [100, "FAN_LYING"]);
    });

    it("forgives a tach that told too much for a moment", () => {
      const lying = inputs({ fans: [...FANS.slice(1), fan({ rpm: 7100 })] });
      const { memory: after } = decide(lying, PLAN, memory({ lies: { 1: 6 } }));
      deepEqual(after.lies, { 1: 7 });
      deepEqual(decide(inputs({ nowMs: 101_000 }), PLAN, after).memory.lies, {});
    });
  });

  describe("at the start", () => {
    it("is full duty until all was proven", () => {
      const fresh = freshMemory(0);
      const nothing = inputs({ ...{ nowMs: 1000, slots: [], temperatures: [], isPowered: false } });
      const { dutyPct, reason, fault } = decide(nothing, PLAN, fresh);
      deepEqual([dutyPct, reason, fault], [100, "start", null]);
    });

    it("is full duty until fans had time to show what they can", () => {
      const early = inputs({ nowMs: 9000, areFansLearnt: false, isPowered: false });
      equal(decide(early, PLAN, freshMemory(0)).dutyPct, 100);
    });

    it("is full duty while fans are proven", () => {
      equal(decide(inputs({ isProving: true }), PLAN, memory()).dutyPct, 100);
    });
  });

  describe("while it runs", () => {
    it("never gives less duty for a hotter reading", () => {
      const random = new SeededRandom(SEED);
      for (let round = 0; round < ROUNDS; round++) {
        const before = someMemory(random);
        const plan = random.next() < 0.5 ? PLAN : QUIET;
        const coolC = 20 + random.next() * 55;
        const hotC = coolC + random.next() ** 3 * 20;
        const powerW = random.next() < 0.2 ? undefined : random.next() * 4000;
        const dutyAt = (tempC: number): number =>
          decide(inputs({ temperatures: [at(tempC), at(30)], powerW }), plan, before).dutyPct;
        ok(dutyAt(hotC) >= dutyAt(coolC), `round ${round}, seed ${SEED}: ${coolC} and ${hotC} C`);
      }
    });

    it("never gives less duty for more power", () => {
      const dutyAt = (powerW: number | undefined): number =>
        decide(
          inputs({ powerW, temperatures: [at(57)] }),
          PLAN,
          memory({ dutyPct: 30, smoothC: -3 }),
        ).dutyPct;
      ok(dutyAt(1500) < dutyAt(2000) && dutyAt(2000) < dutyAt(2565));
      equal(dutyAt(undefined), dutyAt(2565));
    });

    it("stays between floor and cap, and slows down no faster than two percent a second", () => {
      const random = new SeededRandom(SEED);
      for (let round = 0; round < ROUNDS; round++) {
        const before = someMemory(random);
        const tempC = 20 + random.next() * 44;
        const { dutyPct } = decide(inputs({ temperatures: [at(tempC)] }), PLAN, before);
        ok(dutyPct >= PLAN.minDutyPct && dutyPct <= 100);
        ok(dutyPct >= before.dutyPct - 2 - 1e-9 || dutyPct === PLAN.minDutyPct);
      }
    });

    it("gives the same decision for the same inputs and memory, and plain JSON", () => {
      const before = memory({ integralPct: 3 });
      const first = decide(inputs(), PLAN, before);
      deepEqual(decide(inputs(), PLAN, before), first);
      deepEqual(JSON.parse(JSON.stringify(first)), first);
    });

    it("follows the reading that is worst for its place", () => {
      const plan = { ...PLAN, die: { targetC: 80, warnC: 90, throttleC: 95 } };
      const dutyAt = (boardC: number, dieC: number): number =>
        decide(
          inputs({ temperatures: [at(boardC), at(dieC, { isDie: true })] }),
          plan,
          memory({ dutyPct: 30 }),
        ).dutyPct;
      equal(dutyAt(60, 60), dutyAt(60, 79));
      ok(dutyAt(60, 82) > dutyAt(60, 79));
    });

    it("leaves the duty alone for what nobody hears", () => {
      const first = decide(inputs(), PLAN, memory({ dutyPct: 80 }));
      const second = decide(
        inputs({ nowMs: 101_000, temperatures: [at(60.06)] }),
        PLAN,
        first.memory,
      );
      equal(second.dutyPct, first.dutyPct);
    });

    it("does not wind up at its ends", () => {
      for (const [tempC, plan] of [
        [64.9, QUIET],
        [30, PLAN],
      ] as const) {
        let decision: CoolingDecision | undefined;
        for (let second = 0; second < 3600; second++)
          decision = decide(
            inputs({ nowMs: 100_000 + second * 1000, temperatures: [at(tempC)] }),
            plan,
            decision?.memory ?? memory(),
          );
        ok(Math.abs(decision!.memory.integralPct) < 60, String(decision!.memory.integralPct));
      }
    });

    it("is full duty from the warning on, in spite of the quiet cap, and until it is well below", () => {
      const warm = decide(inputs({ temperatures: [at(65)] }), QUIET, memory());
      deepEqual([warm.dutyPct, warm.reason], [100, "warn"]);
      const dutyAt = (tempC: number): number =>
        decide(inputs({ nowMs: 101_000, temperatures: [at(tempC)] }), QUIET, warm.memory).dutyPct;
      equal(dutyAt(62.1), 100);
      ok(dutyAt(61.9) < 100);
    });
  });

  describe("without power", () => {
    const off = (tempC: number, seconds: number): CoolingInputs =>
      inputs({ isPowered: false, temperatures: [at(tempC)], nowMs: 100_000 + seconds * 1000 });

    it("runs on at full duty until all is cool, then goes to the floor", () => {
      let decision = decide(off(55, 0), PLAN, memory({ dutyPct: 100 }));
      deepEqual([decision.dutyPct, decision.reason], [100, "runOn"]);
      for (let second = 1; second < 60; second++)
        decision = decide(off(44, second), PLAN, decision.memory);
      deepEqual([decision.dutyPct, decision.reason], [30, "cool"]);
      equal(decide(off(49, 60), PLAN, decision.memory).reason, "cool");
      equal(decide(off(51, 60), PLAN, decision.memory).reason, "runOn");
    });

    it("keeps to the quiet cap below the warning", () => {
      const before = memory({ dutyPct: 50 });
      equal(decide(off(55, 0), QUIET, before).dutyPct, 50);
      equal(decide(off(66, 0), QUIET, before).dutyPct, 100);
    });

    it("ends after a bounded time, whatever sensors say", () => {
      const silent = (seconds: number): CoolingInputs => ({
        ...off(0, seconds),
        temperatures: [at(50, { tempC: undefined })],
      });
      let decision = decide(silent(0), PLAN, memory());
      const endS = RUN_ON_LIMIT_MS / 1000;
      for (let second = 1; second < endS; second++) {
        decision = decide(silent(second), PLAN, decision.memory);
        equal(decision.dutyPct, 100);
      }
      for (let second = endS; second < endS + 60; second++)
        decision = decide(silent(second), PLAN, decision.memory);
      equal(decision.dutyPct, 30);
    });

    it("keeps the share of the clock for when it comes back", () => {
      equal(decide(off(30, 0), PLAN, memory({ powerSharePct: 80 })).powerSharePct, 80);
    });
  });

  describe("with a liquid", () => {
    const immersed = { ...PLAN, mode: "immersion" as const, neededFans: 0 };

    it("needs no fans", () => {
      const { reason, fault } = decide(inputs({ fans: [] }), immersed, memory());
      deepEqual([reason, fault], ["liquid", null]);
    });

    it("tells of sensors that do not answer all the same", () => {
      const silent = inputs({ temperatures: [at(50, { tempC: undefined })] });
      equal(decide(silent, immersed, memory()).fault?.code, "SENSOR_SILENT");
    });

    it("lowers the clock at the throttle limit", () => {
      equal(decide(inputs({ temperatures: [at(70)] }), immersed, memory()).powerSharePct, 90);
    });
  });
});

function someMemory(random: SeededRandom) {
  return memory({
    dutyPct: 30 + random.next() * 70,
    integralPct: random.next() * 100 - 50,
    smoothC: random.next() < 0.1 ? null : random.next() * 40 - 30,
    isWarm: random.next() < 0.2,
    powerSharePct: 20 + random.next() * 80,
  });
}
