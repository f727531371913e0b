import type { PoolPicture } from "./pool-picture.js";

const SUMS = [
  ...(["accepted", "rejected", "discarded", "stale", "getFailures", "remoteFailures"] as const),
  ...(["difficultyAccepted", "difficultyRejected", "difficultyStale"] as const),
] as const;

type Totals = Readonly<Record<(typeof SUMS)[number] | "difficultyAll" | "bestShare", number>>;

/** Of all pools together. */
export function shareTotals(pools: readonly PoolPicture[]): Totals {
  const sums = Object.fromEntries(
    SUMS.map((name) => [name, pools.reduce((sum, pool) => sum + pool[name], 0)]),
  ) as Record<(typeof SUMS)[number], number>;
  return {
    ...sums,
    difficultyAll: sums.difficultyAccepted + sums.difficultyRejected + sums.difficultyStale,
    bestShare: Math.max(0, ...pools.map(({ bestShare }) => bestShare)),
  };
}

export function activePool(pools: readonly PoolPicture[]): PoolPicture | undefined {
  return pools.find(({ isActive }) => isActive);
}
