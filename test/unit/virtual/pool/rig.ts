import { ManualClock } from "../../../../src/lib/clock.js";
import type { TestPoolOptions } from "../../../../src/virtual/pool/settings.js";
import { TestPool } from "../../../../src/virtual/pool/test-pool.js";

/** Every hash meets difficulty 1, so that any nonce is a share. */
const EVERY_HASH = (1n << 256n) - 1n;

/** Far beyond what any hash of a test reaches. */
export const OUT_OF_REACH = 1e30;

export interface Rig {
  readonly pool: TestPool;
  readonly clock: ManualClock;
}

/** Runs `body` with a pool on a clock that stands still; the pool is stopped whatever happens. */
export async function withPool(
  options: Partial<TestPoolOptions>,
  body: (rig: Rig) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock();
  const pool = await TestPool.start({
    difficulty1Target: EVERY_HASH,
    extranonce2Size: 4,
    seed: "test",
    clock,
    ...options,
  });
  try {
    await body({ pool, clock });
  } finally {
    await pool.stop();
  }
}

/** A submit for a job as `mining.notify` gave it; `nonce` makes it differ from others. */
export function submitParams(
  notify: readonly unknown[],
  nonce: number,
  { worker = "w", extranonce2 = "00000000" }: { worker?: string; extranonce2?: string } = {},
): readonly unknown[] {
  const nonceHex = nonce.toString(16).padStart(8, "0");
  return [worker, notify[0], extranonce2, notify[7], nonceHex, "00000000"];
}
