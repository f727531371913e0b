import type { ManualClock } from "../../../../../src/lib/clock.js";
import type { FaultRequest } from "../../../../../src/virtual/pool/faults/fault-set.js";
import type { TestPoolOptions } from "../../../../../src/virtual/pool/settings.js";
import type { TestPool } from "../../../../../src/virtual/pool/test-pool.js";
import { RawMiner, type PoolLine } from "../raw-miner.js";
import { submitParams, withPool } from "../rig.js";

export interface Scene {
  readonly pool: TestPool;
  readonly clock: ManualClock;
  readonly miner: RawMiner;
  /** The first job that the miner got. */
  readonly job: readonly unknown[];
}

/** A pool whose clock stands still, and a miner that has a job; no jobs come by themselves. */
export function withMiner(
  body: (scene: Scene) => Promise<void>,
  options: Partial<TestPoolOptions> = {},
): Promise<void> {
  return withQuietPool(async ({ pool, clock }) => {
    const miner = await RawMiner.open(pool.port);
    const job = await miner.next("mining.notify");
    await body({ pool, clock, miner, job });
  }, options);
}

/** A pool without jobs of its own accord, with a fault from the start if one is given. */
export function withQuietPool(
  body: (scene: Pick<Scene, "pool" | "clock">) => Promise<void>,
  options: Partial<TestPoolOptions> = {},
  fault?: FaultRequest,
): Promise<void> {
  return withPool({ jobIntervalS: 0, blockIntervalS: 0, ...options }, async ({ pool, clock }) => {
    if (fault !== undefined) await pool.fault(fault);
    await body({ pool, clock });
  });
}

/** Sends a share and gives the answer. */
export function submit(miner: RawMiner, job: readonly unknown[], nonce: number): Promise<PoolLine> {
  return miner.call("mining.submit", submitParams(job, nonce));
}

/** Sends a share without waiting for the answer, with the id of the caller. */
export function submitLine(job: readonly unknown[], nonce: number, id: number): string {
  return `${JSON.stringify({ id, method: "mining.submit", params: submitParams(job, nonce) })}\n`;
}

/** Resolves when something is so; other work of the process goes on meanwhile. */
export async function becomes(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
