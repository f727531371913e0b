import { deepEqual, equal, ok } from "node:assert/strict";
import { BRING_UPS } from "../../../src/asic/bring-up/bring-ups.js";
import { decodePll, pllMHz } from "../../../src/asic/pll-register.js";
import { oursOf, rampWords, SEQUENCES, theirsOf, withoutDifferences } from "./sequences.js";

describe("bring-up against the captured sequences", () => {
  for (const sequence of SEQUENCES)
    describe(sequence.name, () => {
      const ramp = rampWords(sequence);
      const theirs = theirsOf(sequence);
      const ours = withoutDifferences("ours", oursOf(sequence), sequence);

      it("sends the same frames in the same order, apart from the explained differences", () => {
        deepEqual(
          ours.map(({ what }) => what),
          theirs.map(({ what }) => what),
        );
      });

      it("waits as long as the source does wherever that says so", () => {
        for (const [index, { what, delayMs }] of theirs.entries())
          if (delayMs !== undefined) equal(ours[index]?.delayMs, delayMs, what);
      });

      it("ramps in steps of 6.25 MHz to the clock of the machine", () => {
        const clocks = ramp.map((word) => pllMHz(decodePll(word, "minusOne")));
        equal(clocks[0], sequence.rampFromMHz);
        for (const [index, clock] of clocks.entries()) {
          const before = clocks[index - 1];
          // 493.75 MHz and its like are off by a fraction of a step on families with a narrow divider.
          if (before !== undefined) ok(clock > before && clock - before < 7.5, String(clock));
        }
        equal(clocks.at(-1), sequence.freqMHz);
      });
    });

  it("knows every bring-up that machine files may name", () => {
    deepEqual(Object.keys(BRING_UPS).sort(), SEQUENCES.map(({ name }) => name).sort());
    for (const [name, bringUp] of Object.entries(BRING_UPS)) equal(bringUp.name, name);
  });
});
