import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { BM1370 } from "../../../src/asic/bm1370.js";
import { FAMILIES } from "../../../src/asic/families.js";
import {
  planFrequency,
  planHashCounting,
  rampMHz,
  sliceNonces,
} from "../../../src/asic/frequency.js";
import { windowNonces } from "../../../src/asic/hash-counting.js";
import { jobTiming } from "../../../src/asic/job-interval.js";
import { coreWriteWord, versionRollingWord } from "../../../src/asic/registers.js";
import { DRIVEN_CHIPS } from "../../../src/boards/names.js";
import { CHIP_MODELS } from "../../../src/hal/chain-port.js";
import { isMinerError } from "../../../src/lib/errors.js";

describe("frequency", () => {
  it("ramps up and down in steps of 6.25 MHz and ends at the target", () => {
    deepEqual(rampMHz(50, 70), [56.25, 62.5, 68.75, 70]);
    deepEqual(rampMHz(70, 50), [63.75, 57.5, 51.25, 50]);
    deepEqual(rampMHz(50, 50), [50]);
    deepEqual(rampMHz(50, 56.25), [56.25]);
  });

  it("names field, value and limits when a clock cannot be made", () => {
    throws(
      () => planFrequency(BM1370, "stock", 4000),
      (error) =>
        isMinerError(error, "PLL_UNREACHABLE") &&
        error.context["field"] === "freqMHz" &&
        error.context["value"] === 4000 &&
        error.context["fbMax"] === 239 &&
        error.context["vcoMaxMHz"] === 3200,
    );
  });

  it("never lets the sweeps of two chips overlap, at any clock of any family", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CHIP_MODELS),
        fc.double({ min: 56.25, max: 700, noNaN: true }),
        fc.integer({ min: 1, max: 128 }),
        fc.constantFrom("address" as const, "nonceOffset" as const),
        (model, freqMHz, chips, split) => {
          const family = FAMILIES[model];
          const { dividers } = planFrequency(family, "stock", freqMHz);
          const slice = sliceNonces(split, { chips, addressStep: Math.floor(256 / chips) });
          const hcn = planHashCounting(family, slice, dividers);
          ok(hcn >= 1);
          ok(windowNonces(hcn, dividers) <= slice * (1 + 1e-12));
        },
      ),
    );
  });

  it("keeps the stock sweep unless the clock makes it too long", () => {
    const slice = sliceNonces("address", { chips: 65, addressStep: 2 });
    const slow = planFrequency(BM1370, "stock", 300).dividers;
    const fast = planFrequency(BM1370, "stock", 600).dividers;
    equal(planHashCounting(BM1370, slice, slow, 6000), 6000);
    equal(planHashCounting(BM1370, slice, fast, 6000), 5461 - 268);
  });
});

describe("job timing", () => {
  const stock = { subCores: 16, hashCountingNumber: 0x1eb5, versionMask: 0x1fff_e000 };

  it("asks for new work at half of the epoch", () => {
    const { intervalMs, epochMs, repeats } = jobTiming({ ...stock, baud: 3_125_000 });
    equal(epochMs.toFixed(1), "2575.9");
    equal(intervalMs, epochMs / 2);
    equal(repeats, false);
  });

  it("sends new work every two seconds where one work would last for minutes", () => {
    const { intervalMs, epochMs } = jobTiming({
      ...stock,
      hashCountingNumber: 864_804,
      baud: 3_125_000,
    });
    ok(epochMs > 200_000);
    equal(intervalMs, 2000);
  });

  it("leaves three quarters of the line free and says when the chips then repeat themselves", () => {
    const timing = jobTiming({ ...stock, versionMask: 0, baud: 115_200 });
    equal(timing.intervalMs.toFixed(2), "30.56");
    equal(timing.repeats, true);
  });
});

describe("register words", () => {
  it("moves the version mask to the low 16 bits", () => {
    equal(versionRollingWord(0x1fff_e000), 0x9000_ffff);
    equal(versionRollingWord(0x0000_2000), 0x9000_0001);
  });

  it("packs a core register write", () => {
    equal(coreWriteWord(0x0b, 0), 0x8000_8b00);
    equal(coreWriteWord(0x02, 0xaa), 0x8000_82aa);
  });

  it("names the same driven chips in hardware data and driver", () => {
    deepEqual([...DRIVEN_CHIPS], [...CHIP_MODELS]);
  });
});
