import { deepEqual, equal } from "node:assert/strict";
import { coinbaseTxid } from "../../../src/bitcoin/coinbase.js";
import { headerHash, serializeHeader } from "../../../src/bitcoin/header.js";
import { merkleRoot } from "../../../src/bitcoin/merkle.js";
import { MAINNET } from "../../../src/bitcoin/network.js";
import {
  difficultyOfHash,
  targetFromCompact,
  targetFromDifficulty,
  targetFromLe,
} from "../../../src/bitcoin/target.js";
import { rolledVersion } from "../../../src/bitcoin/version-rolling.js";
import { hex32, parseHex, toHex } from "../../../src/lib/bytes.js";
import { keySource } from "../../../src/pool/pool-client.js";
import { JobBook } from "../../../src/pool/stratum-v1/job-book.js";
import { parseNotify } from "../../../src/pool/stratum-v1/notify.js";
import { submitRequest } from "../../../src/pool/stratum-v1/requests.js";
import { loadVectors } from "../../fixtures/stratum/load-vectors.js";

interface JobCase {
  readonly id: string;
  readonly subscribe: { readonly extranonce1: string; readonly extranonce2_size: number };
  readonly version_mask: string | null;
  readonly notify_params: readonly unknown[];
  readonly submit_params: readonly string[];
  readonly expect: {
    readonly coinbase: string;
    readonly coinbase_txid_internal: string;
    readonly merkle_root_internal: string;
    readonly prevhash_internal: string;
    readonly header_version: string;
    readonly header: string;
    readonly hash_internal: string;
    readonly difficulty: number;
    readonly network_target: string;
    readonly meets_network_target: boolean;
  };
  readonly pool_difficulty?: number;
  readonly accepted_by_pool?: boolean;
}

function bytes(hex: string): Uint8Array {
  const parsed = parseHex(hex);
  if (parsed === undefined) throw new TypeError(`no hex: ${hex}`);
  return parsed;
}

describe("from notify to share (vectors v1-jobs)", () => {
  for (const vector of loadVectors<JobCase>("v1-jobs"))
    it(`rebuilds ${vector.id}`, () => {
      const { expect } = vector;
      const [user = "", jobId, extranonce2Hex = "", ntimeHex = "", nonceHex = "", bitsHex] =
        vector.submit_params;
      const difficulty = vector.pool_difficulty ?? 1;
      const poolMask =
        bitsHex === undefined ? undefined : Number.parseInt(vector.version_mask ?? "0", 16);
      const notify = parseNotify(vector.notify_params);
      const book = new JobBook(1, keySource());
      book.openSession({
        extranonce1: bytes(vector.subscribe.extranonce1),
        extranonce2Size: vector.subscribe.extranonce2_size,
      });
      const terms = { difficulty, target: targetFromDifficulty(difficulty, MAINNET), poolMask };
      const job = notify === undefined ? undefined : book.add(notify, terms, 0)?.job;
      if (job === undefined) throw new TypeError("no job");
      equal(job.jobId, jobId);
      equal(toHex(job.prevhash), expect.prevhash_internal);

      const extranonce2 = bytes(extranonce2Hex);
      const parts = { prefix: job.coinbasePrefix, extranonce2, suffix: job.coinbaseSuffix };
      equal(toHex(Buffer.concat(Object.values(parts))), expect.coinbase);
      const txid = coinbaseTxid(parts);
      equal(toHex(txid), expect.coinbase_txid_internal);
      const root = merkleRoot(txid, job.merkleBranches);
      equal(toHex(root), expect.merkle_root_internal);

      const bits = Number.parseInt(bitsHex ?? "0", 16);
      const version = rolledVersion(job.version, bits, job.versionMask);
      equal(hex32(version), expect.header_version);
      const ntime = Number.parseInt(ntimeHex, 16);
      const nonce = Number.parseInt(nonceHex, 16);
      const { prevhash, nbits } = job;
      const header = serializeHeader({ version, prevhash, merkleRoot: root, ntime, nbits, nonce });
      equal(toHex(header), expect.header);
      const hashLe = headerHash(header);
      equal(toHex(hashLe), expect.hash_internal);
      equal(difficultyOfHash(hashLe, MAINNET).toPrecision(12), expect.difficulty.toPrecision(12));

      const networkTarget = targetFromCompact(nbits) ?? 0n;
      equal(networkTarget.toString(16).padStart(64, "0"), expect.network_target);
      equal(targetFromLe(hashLe) <= networkTarget, expect.meets_network_target);
      if (vector.accepted_by_pool === true) equal(targetFromLe(hashLe) <= job.target, true);

      const { key: jobKey, poolKey, sessionKey } = job;
      const share = { jobKey, poolKey, sessionKey, extranonce2, ntime, nonce, version };
      deepEqual(submitRequest(1, user, job, share, poolMask).params, vector.submit_params);
    });
});
