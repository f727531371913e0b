import { equal } from "node:assert/strict";
import { coinbaseTxid } from "../../../src/bitcoin/coinbase.js";
import { headerHash, serializeHeader } from "../../../src/bitcoin/header.js";
import { merkleRoot } from "../../../src/bitcoin/merkle.js";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { difficultyOfHash } from "../../../src/bitcoin/target.js";
import {
  rollableBits,
  rolledVersion,
  submitVersionBits,
} from "../../../src/bitcoin/version-rolling.js";
import { hex32, parseHex, toHex } from "../../../src/lib/bytes.js";
import { loadVectors } from "../../fixtures/stratum/load-vectors.js";

interface HeaderCase {
  readonly id: string;
  readonly version: string;
  readonly prevhash_display: string;
  readonly merkle_root_display: string;
  readonly ntime: string;
  readonly nbits: string;
  readonly nonce: string;
  readonly expect: {
    readonly header: string;
    readonly hash_display: string;
    readonly difficulty: number;
  };
}

interface MerkleCase {
  readonly id: string;
  readonly coinb1: string;
  readonly extranonce1: string;
  readonly extranonce2: string;
  readonly coinb2: string;
  readonly merkle_branch: readonly string[];
  readonly expect: {
    readonly coinbase_txid_internal: string;
    readonly merkle_root_internal: string;
  };
}

interface RollingCase {
  readonly id: string;
  readonly device_mask: string;
  readonly pool_mask: string;
  readonly job_version: string;
  readonly wanted_bits: string;
  readonly expect: {
    readonly rollable_bits: string;
    readonly header_version: string;
    readonly submit_version_bits: string;
  };
  readonly server_result: {
    readonly bip310: string;
    readonly or_style: string;
    readonly xor_style: string;
  };
  readonly xor_server_agrees: boolean;
}

const bytes = (hex: string): Uint8Array => {
  const parsed = parseHex(hex);
  if (parsed === undefined) throw new TypeError(`no hex: ${hex}`);
  return parsed;
};
const number32 = (hex: string): number => Number.parseInt(hex, 16);

describe("block headers (vectors headers)", () => {
  for (const vector of loadVectors<HeaderCase>("headers"))
    it(`serialises and hashes ${vector.id}`, () => {
      const header = serializeHeader({
        version: number32(vector.version),
        prevhash: bytes(vector.prevhash_display).reverse(),
        merkleRoot: bytes(vector.merkle_root_display).reverse(),
        ntime: number32(vector.ntime),
        nbits: number32(vector.nbits),
        nonce: number32(vector.nonce),
      });
      equal(toHex(header), vector.expect.header);
      const hash = headerHash(header);
      equal(toHex(Uint8Array.from(hash).reverse()), vector.expect.hash_display);
      equal(
        difficultyOfHash(hash, MAINNET).toPrecision(12),
        vector.expect.difficulty.toPrecision(12),
      );
    });
});

describe("coinbase and merkle root (vectors v1-merkle)", () => {
  for (const vector of loadVectors<MerkleCase>("v1-merkle"))
    it(`folds ${vector.id}`, () => {
      const txid = coinbaseTxid({
        prefix: bytes(vector.coinb1 + vector.extranonce1),
        extranonce2: bytes(vector.extranonce2),
        suffix: bytes(vector.coinb2),
      });
      equal(toHex(txid), vector.expect.coinbase_txid_internal);
      const root = merkleRoot(txid, vector.merkle_branch.map(bytes));
      equal(toHex(root), vector.expect.merkle_root_internal);
    });
});

describe("version rolling (vectors version-rolling)", () => {
  for (const vector of loadVectors<RollingCase>("version-rolling"))
    it(`rolls ${vector.id} so that the pool rebuilds the header`, () => {
      const poolMask = number32(vector.pool_mask);
      const jobVersion = number32(vector.job_version);
      const rollable = rollableBits(number32(vector.device_mask), poolMask, jobVersion);
      const version = rolledVersion(jobVersion, number32(vector.wanted_bits), rollable);
      const bits = submitVersionBits(version, poolMask);
      equal(hex32(rollable), vector.expect.rollable_bits);
      equal(hex32(version), vector.expect.header_version);
      equal(hex32(bits), vector.expect.submit_version_bits);
      equal(hex32((jobVersion & ~poolMask) | (bits & poolMask)), hex32(version));
      equal(hex32(jobVersion | bits), hex32(version));
      equal(hex32(jobVersion ^ bits) === hex32(version), vector.xor_server_agrees);
      equal(hex32(jobVersion ^ bits), vector.server_result.xor_style);
    });
});
