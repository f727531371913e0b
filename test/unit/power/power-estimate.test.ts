import { equal } from "node:assert/strict";
import { estimatePowerW } from "../../../src/power/power-estimate.js";

const SOURCE = { evidence: "documented", source: "test" } as const;
const MACHINE = {
  rated: { hashrateThs: 200, powerW: 3500, ...SOURCE },
  railMv: { running: 13_600, ...SOURCE },
  freqMHz: { min: 100, nominal: 490, max: 490, ...SOURCE },
};
const NOMINAL = { railMv: 13_600, freqMHz: 490, hashingShare: 1 };

describe("estimate of power", () => {
  it("is the rated power at the rated point", () => {
    equal(estimatePowerW(MACHINE, NOMINAL), 3500);
  });

  it("goes with the clock", () => {
    equal(estimatePowerW(MACHINE, { ...NOMINAL, freqMHz: 245 }), 1750);
  });

  it("goes with the square of the voltage", () => {
    equal(estimatePowerW(MACHINE, { ...NOMINAL, railMv: 6800 }), 875);
  });

  it("goes with the share of chips that hash", () => {
    equal(estimatePowerW(MACHINE, { ...NOMINAL, hashingShare: 0 }), 0);
  });

  it("is not made up where the machine's data has nothing to start from", () => {
    const { powerW, ...unrated } = MACHINE.rated;
    equal(powerW, 3500);
    equal(estimatePowerW({ ...MACHINE, rated: unrated }, NOMINAL), undefined);
    equal(estimatePowerW({ ...MACHINE, railMv: undefined }, NOMINAL), undefined);
    equal(estimatePowerW({ ...MACHINE, freqMHz: undefined }, NOMINAL), undefined);
  });
});
