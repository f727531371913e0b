import { equal, ok } from "node:assert/strict";
import { parseHex, toHex } from "../../../src/lib/bytes.js";
import { MAINNET } from "../../../src/bitcoin/network.js";
import {
  decodeCompact,
  difficultyOfHash,
  difficultyOfTarget,
  findTargetOfDifficulty,
  targetFromCompact,
  targetFromDifficulty,
  targetFromLe,
  targetToLe,
} from "../../../src/bitcoin/target.js";
import { loadVectors } from "../../fixtures/stratum/load-vectors.js";

interface DifficultyCase {
  readonly difficulty_token: string;
  readonly target: string;
  readonly target_le_bytes: string;
  readonly zero_target: boolean;
}

interface HashCase {
  readonly hash_display: string;
  readonly difficulty: number;
  readonly meets: Readonly<Record<string, boolean>>;
}

interface NbitsCase {
  readonly nbits: string;
  readonly target: string | null;
  readonly negative: boolean;
  readonly overflow: boolean;
  readonly usable: boolean;
  readonly network_difficulty: number | null;
}

const closeTo = (actual: number, expected: number): void => {
  ok(
    Math.abs(actual - expected) <= Math.abs(expected) * 1e-12,
    `${String(actual)} is not ${String(expected)}`,
  );
};

const hex64 = (target: bigint): string => target.toString(16).padStart(64, "0");

describe("difficulty to target (vectors difficulty-to-target)", () => {
  for (const vector of loadVectors<DifficultyCase>("difficulty-to-target")) {
    const { difficulty_token: token } = vector;
    it(`makes ${vector.zero_target ? "no target" : "the exact target"} of ${token}`, () => {
      // As text and as the number that JSON.parse makes of the token.
      for (const difficulty of [token, JSON.parse(token) as number]) {
        const target = findTargetOfDifficulty(difficulty, MAINNET);
        if (vector.zero_target) {
          equal(target, undefined);
          continue;
        }
        equal(hex64(target ?? 0n), vector.target);
        equal(toHex(targetToLe(target ?? 0n)), vector.target_le_bytes);
      }
    });
  }
});

describe("hash to difficulty (vectors hash-to-difficulty)", () => {
  for (const vector of loadVectors<HashCase>("hash-to-difficulty"))
    it(`judges ${vector.hash_display}`, () => {
      const hashLe = (parseHex(vector.hash_display) ?? new Uint8Array()).reverse();
      closeTo(difficultyOfHash(hashLe, MAINNET), vector.difficulty);
      for (const [difficulty, meets] of Object.entries(vector.meets))
        equal(targetFromLe(hashLe) <= targetFromDifficulty(difficulty, MAINNET), meets, difficulty);
    });
});

describe("compact targets (vectors nbits)", () => {
  for (const vector of loadVectors<NbitsCase>("nbits"))
    it(`${vector.usable ? "decodes" : "refuses"} ${vector.nbits}`, () => {
      const nbits = Number.parseInt(vector.nbits, 16);
      const decoded = decodeCompact(nbits);
      equal(decoded.negative, vector.negative);
      equal(decoded.overflow, vector.overflow);
      if (vector.target !== null) equal(hex64(decoded.target), vector.target);
      const target = targetFromCompact(nbits);
      equal(target !== undefined, vector.usable);
      if (target !== undefined)
        closeTo(difficultyOfTarget(target, MAINNET), vector.network_difficulty ?? Number.NaN);
    });
});
