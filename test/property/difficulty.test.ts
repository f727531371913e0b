import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { MAINNET, virtualNetwork } from "../../src/bitcoin/network.js";
import {
  difficultyOfTarget,
  findTargetOfDifficulty,
  targetFromDifficulty,
  targetFromLe,
  targetToLe,
} from "../../src/bitcoin/target.js";

const difficulty = fc.double({ min: 1e-9, max: 1e60, noNaN: true });
const network = fc.constantFrom(MAINNET, virtualNetwork(28));

describe("target and difficulty", () => {
  it("go opposite ways: a higher difficulty never has a higher target", () => {
    fc.assert(
      fc.property(difficulty, difficulty, network, (one, other, at) => {
        const [low, high] = one <= other ? [one, other] : [other, one];
        ok(targetFromDifficulty(low, at) >= targetFromDifficulty(high, at));
      }),
    );
  });

  it("of a higher target is never a higher difficulty", () => {
    const target = fc.bigInt({ min: 1n, max: (1n << 256n) - 1n });
    fc.assert(
      fc.property(target, target, network, (one, other, at) => {
        const [low, high] = one <= other ? [one, other] : [other, one];
        ok(difficultyOfTarget(low, at) >= difficultyOfTarget(high, at));
      }),
    );
  });

  it("undo each other as far as a double goes", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e40, noNaN: true }), (value) => {
        const back = difficultyOfTarget(targetFromDifficulty(value, MAINNET), MAINNET);
        ok(Math.abs(back - value) <= value * 1e-15, `${back} is not ${value}`);
      }),
    );
  });

  it("take the text of a number for the number", () => {
    fc.assert(
      fc.property(fc.double(), network, (value, at) => {
        equal(findTargetOfDifficulty(String(value), at), findTargetOfDifficulty(value, at));
      }),
    );
  });

  it("keep every target through its bytes", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), (target) => {
        equal(targetFromLe(targetToLe(target)), target);
      }),
    );
  });
});
