import { deepEqual, equal } from "node:assert/strict";
import { ManualClock } from "../../../../src/lib/clock.js";
import { TestPool } from "../../../../src/virtual/pool/test-pool.js";
import { loadVectors } from "../../../fixtures/stratum/load-vectors.js";
import { RawMiner } from "./raw-miner.js";
import { templateOf, type NotifyParams } from "./wire-job.js";

interface JobCase {
  readonly id: string;
  readonly subscribe: { readonly extranonce1: string; readonly extranonce2_size: number };
  readonly version_mask?: string | null;
  readonly notify_params: NotifyParams;
  readonly submit_params: readonly string[];
  readonly expect: {
    readonly header: string;
    readonly prevhash_internal: string;
    readonly difficulty: number;
    readonly meets_network_target: boolean;
  };
  readonly pool_difficulty?: number;
}

const MAINNET_DIFFICULTY1 = 0xffffn << 208n;

/** The mask of a case, null without version rolling. */
function maskOf({ version_mask: mask }: JobCase): number | null {
  return mask === undefined || mask === null ? null : parseInt(mask, 16);
}

/** Another digit at `index`. */
function changeDigit(hex: string, index: number): string {
  const digit = (parseInt(hex.charAt(index), 16) ^ 1).toString(16);
  return hex.slice(0, index) + digit + hex.slice(index + 1);
}

/** The submit parameters with one of them replaced. */
function replace(params: readonly string[], index: number, value: string): readonly string[] {
  return params.map((param, at) => (at === index ? value : param));
}

interface Stage {
  readonly pool: TestPool;
  readonly miner: RawMiner;
  readonly close: () => Promise<void>;
}

async function stage(vector: JobCase, difficulty: number): Promise<Stage> {
  const ntime = parseInt(vector.notify_params[7], 16);
  const pool = await TestPool.start({
    difficulty1Target: MAINNET_DIFFICULTY1,
    startDifficulty: difficulty,
    firstExtranonce1: vector.subscribe.extranonce1,
    extranonce2Size: vector.subscribe.extranonce2_size,
    versionMask: maskOf(vector),
    clock: new ManualClock(ntime * 1000),
  });
  const worker = vector.submit_params[0] ?? "";
  const miner = await RawMiner.open(pool.port, { worker });
  pool.announce(templateOf(vector.notify_params, vector.expect.prevhash_internal));
  return {
    pool,
    miner,
    close: async () => {
      miner.close();
      await pool.stop();
    },
  };
}

describe("shares of the vectors at the test pool", () => {
  for (const vector of loadVectors<JobCase>("v1-jobs")) {
    const { submit_params: params, expect } = vector;
    describe(vector.id, () => {
      it("announces the job byte for byte and accepts the share", async () => {
        const { pool, miner, close } = await stage(vector, vector.pool_difficulty ?? 0.0001);
        await miner.next("mining.notify");
        deepEqual(await miner.next("mining.notify"), vector.notify_params);
        let header: Uint8Array | undefined;
        pool.onShare((event) => (header = event.header));
        equal((await miner.call("mining.submit", params)).result, true);
        equal(Buffer.from(header ?? []).toString("hex"), expect.header);
        equal(pool.stats().blocksFound, expect.meets_network_target ? 1 : 0);
        await close();
      });

      it("is exact about the difficulty", async () => {
        for (const [factor, isAccepted] of [
          [1 - 1e-9, true],
          [1 + 1e-9, false],
        ] as const) {
          const { pool, miner, close } = await stage(vector, expect.difficulty * factor);
          equal((await miner.call("mining.submit", params)).result, isAccepted);
          equal(pool.stats().rejectedByReason["low-difficulty"], isAccepted ? 0 : 1);
          await close();
        }
      });

      it("refuses the share when any one digit is another", async () => {
        const { pool, miner, close } = await stage(vector, expect.difficulty * (1 - 1e-9));
        const mask = maskOf(vector) ?? 0;
        const wrong = new Map<string, number>();
        const expectReason = async (
          reason: string,
          code: number,
          mutated: readonly string[],
        ): Promise<void> => {
          const answer = await miner.call("mining.submit", mutated);
          equal(answer.result, false, mutated.join());
          equal((answer.error as readonly unknown[])[0], code, mutated.join());
          wrong.set(reason, (wrong.get(reason) ?? 0) + 1);
        };
        const [, , extranonce2 = "", ntime = "", nonce = "", bits] = params;
        for (let index = 0; index < extranonce2.length; index++)
          await expectReason(
            "low-difficulty",
            23,
            replace(params, 2, changeDigit(extranonce2, index)),
          );
        for (let index = 0; index < 8; index++) {
          await expectReason("low-difficulty", 23, replace(params, 4, changeDigit(nonce, index)));
          const otherTime = changeDigit(ntime, index);
          const aheadS = parseInt(otherTime, 16) - parseInt(ntime, 16);
          const isInside = aheadS >= 0 && aheadS <= 7000;
          await expectReason(
            isInside ? "low-difficulty" : "ntime",
            isInside ? 23 : 20,
            replace(params, 3, otherTime),
          );
          if (bits === undefined) continue;
          const otherBits = changeDigit(bits, index);
          const isOutside = (parseInt(otherBits, 16) & ~mask) !== 0;
          await expectReason(
            isOutside ? "version" : "low-difficulty",
            isOutside ? 20 : 23,
            replace(params, 5, otherBits),
          );
        }
        const { rejectedByReason, accepted } = pool.stats();
        equal(accepted, 0);
        for (const [reason, count] of wrong)
          equal(rejectedByReason[reason as keyof typeof rejectedByReason], count, reason);
        equal((await miner.call("mining.submit", params)).result, true);
        await close();
      });
    });
  }
});
