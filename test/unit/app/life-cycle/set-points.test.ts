import { deepEqual, equal } from "node:assert/strict";
import { chainOrder, type SetPointPlan } from "../../../../src/app/life-cycle/set-points.js";

const PLAN: SetPointPlan = { freqMHz: 540, railMv: 13_200, openMv: 15_000, sleepMHz: 56.25 };

describe("what chains are to do", () => {
  it("is what was ordered while the cooling bears it", () => {
    deepEqual(chainOrder("mine", PLAN), { freqMHz: 540, works: true });
    deepEqual(chainOrder("paused", PLAN, 100), { freqMHz: 540, works: false });
  });

  it("has less clock where the cooling bears less, in steps that chips can make", () => {
    deepEqual(chainOrder("mine", PLAN, 90), { freqMHz: 481.25, works: true });
  });

  it("never has less than the lowest clock", () => {
    equal(chainOrder("mine", { ...PLAN, sleepMHz: 400 }, 20).freqMHz, 400);
    equal(chainOrder("mine", { ...PLAN, freqMHz: 60 }, 20).freqMHz, 56.25);
  });

  it("sleeps at the lowest clock in any case", () => {
    equal(chainOrder("asleep", PLAN, 50).freqMHz, 56.25);
  });
});
