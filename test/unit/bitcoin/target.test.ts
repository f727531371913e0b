import { deepEqual, equal, throws } from "node:assert/strict";
import { MAINNET, networkByName, virtualNetwork } from "../../../src/bitcoin/network.js";
import {
  difficultyOfTarget,
  targetFromDifficulty,
  targetFromLe,
  targetToLe,
  ticketTarget,
} from "../../../src/bitcoin/target.js";
import { isMinerError } from "../../../src/lib/errors.js";

describe("target", () => {
  for (const difficulty of [0, -0, -1, Number.NaN, Infinity, 1e68, "", "abc", "1,5", "0x10", "NaN"])
    it(`refuses the difficulty ${JSON.stringify(difficulty)} (${String(difficulty)})`, () => {
      throws(
        () => targetFromDifficulty(difficulty, MAINNET),
        (error) => isMinerError(error, "DIFFICULTY_INVALID"),
      );
    });

  it("takes the smallest doubles there are for the widest target", () => {
    equal(targetFromDifficulty(Number.MIN_VALUE, MAINNET), (1n << 256n) - 1n);
  });

  it("scales with the network, so that a difficulty keeps its meaning", () => {
    const virtual = virtualNetwork(28);
    equal(targetFromDifficulty(4096, virtual), targetFromDifficulty(4096, MAINNET) << 28n);
    equal(difficultyOfTarget(targetFromDifficulty(4096, virtual), virtual), 4096);
  });

  it("keeps byte order between number and bytes", () => {
    const bytes = targetToLe(0x0102n);
    deepEqual([...bytes.subarray(0, 3)], [2, 1, 0]);
    equal(targetFromLe(bytes), 0x0102n);
    throws(() => targetToLe(1n << 256n), RangeError);
    throws(() => targetFromLe(new Uint8Array(31)), RangeError);
  });

  it("tests leading zero bits for the ticket target", () => {
    equal(ticketTarget(1, MAINNET), (1n << 224n) - 1n);
    equal(ticketTarget(256, MAINNET), (1n << 216n) - 1n);
    equal(ticketTarget(256, virtualNetwork(28)), (1n << 244n) - 1n);
    for (const difficulty of [0, 0.5, 3, Number.NaN])
      throws(() => ticketTarget(difficulty, MAINNET), RangeError);
  });
});

describe("network", () => {
  it("knows both networks by name", () => {
    equal(networkByName("mainnet"), MAINNET);
    equal(networkByName("virtual").difficulty1Target, MAINNET.difficulty1Target << 28n);
  });

  it("refuses a shift that leaves 256 bits", () => {
    for (const shift of [-1, 33, 1.5]) throws(() => virtualNetwork(shift), RangeError);
  });
});
