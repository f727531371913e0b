import { equal, ok, throws } from "node:assert/strict";
import {
  blockTarget,
  hashDifficulty,
  shareTarget,
} from "../../../../src/virtual/pool/share-target.js";
import { loadVectors } from "../../../fixtures/stratum/load-vectors.js";

const MAINNET_DIFFICULTY1 = 0xffffn << 208n;

const hex = (text: string): bigint => BigInt(`0x${text}`);

describe("share target of the test pool", () => {
  interface DifficultyCase {
    readonly difficulty_token: string;
    readonly target: string;
    readonly zero_target: boolean;
  }
  for (const { difficulty_token, target, zero_target } of loadVectors<DifficultyCase>(
    "difficulty-to-target",
  ))
    it(`of difficulty ${difficulty_token} is that of the vectors`, () => {
      const make = (): bigint => shareTarget(Number(difficulty_token), MAINNET_DIFFICULTY1);
      if (zero_target) throws(make, RangeError);
      else equal(make(), hex(target));
    });

  for (const difficulty of [0, -1, NaN, Infinity])
    it(`refuses difficulty ${String(difficulty)}`, () => {
      throws(() => shareTarget(difficulty, MAINNET_DIFFICULTY1), RangeError);
    });

  it("divides fractions exactly on another network too, and takes the smallest there are", () => {
    const difficulty1 = MAINNET_DIFFICULTY1 << 20n;
    equal(shareTarget(0.015625, difficulty1), difficulty1 * 64n);
    equal(shareTarget(Number.MIN_VALUE, difficulty1), (1n << 256n) - 1n);
  });

  interface HashCase {
    readonly hash_display: string;
    readonly difficulty: number;
    readonly meets: Readonly<Record<string, boolean>>;
  }
  for (const { hash_display, difficulty, meets } of loadVectors<HashCase>("hash-to-difficulty"))
    it(`judges the hash ${hash_display.slice(0, 24)}...`, () => {
      const hash = hex(hash_display);
      const reached = hashDifficulty(hash, MAINNET_DIFFICULTY1);
      ok(Math.abs(reached / difficulty - 1) < 1e-12);
      for (const [wanted, meetsIt] of Object.entries(meets))
        equal(hash <= shareTarget(Number(wanted), MAINNET_DIFFICULTY1), meetsIt, wanted);
    });

  interface NbitsCase {
    readonly nbits: string;
    readonly target: string | null;
    readonly usable: boolean;
  }
  for (const { nbits, target, usable } of loadVectors<NbitsCase>("nbits"))
    it(`reads nbits ${nbits}`, () => {
      equal(blockTarget(parseInt(nbits, 16)), usable && target !== null ? hex(target) : 0n);
    });
});
