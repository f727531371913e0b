import { deepEqual, equal } from "node:assert/strict";
import { looserWish, OwnLimits, stricter } from "../../../../src/app/machine/own-limits.js";
import { LIMITS } from "../../safety/good-facts.js";

/** A wish for each limit that is stricter, and one that is looser. */
const WISHES: Readonly<Record<keyof OwnLimits, readonly [number, number]>> = {
  boardCutC: [70, 76],
  chipCutC: [90, 96],
  supplyCutC: [80, 96],
  controlBoardCutC: [80, 86],
  minRpm: [5500, 4000],
  sensorMaxAgeS: [3, 6],
  maxPowerW: [3000, NaN],
};

describe("limits of the owner", () => {
  it("are all tried here", () => {
    deepEqual(Object.keys(OwnLimits.shape).toSorted(), Object.keys(WISHES).toSorted());
  });

  for (const [name, [strict, loose]] of Object.entries(WISHES)) {
    const key = name as keyof OwnLimits;
    it(`hold where they are stricter: ${name}`, () => {
      equal(looserWish(LIMITS, { [key]: strict }), undefined);
      equal(stricter(LIMITS, { [key]: strict })[key], strict);
    });
    if (!Number.isNaN(loose))
      it(`are refused where they are looser: ${name}`, () => {
        equal(looserWish(LIMITS, { [key]: loose })?.name, key);
        equal(stricter(LIMITS, { [key]: loose })[key], LIMITS[key]);
      });
  }

  it("leave the machine's own where nothing is wished", () => {
    deepEqual(stricter(LIMITS, {}), LIMITS);
    equal(looserWish(LIMITS, {}), undefined);
  });

  it("hold a die to the board's limit where the machine has none for it", () => {
    const limits = { ...LIMITS, chipCutC: undefined };
    equal(looserWish(limits, { chipCutC: 80 })?.expected, "at most 75, the limit of the machine");
    equal(stricter(limits, { chipCutC: 70 }).chipCutC, 70);
  });
});
