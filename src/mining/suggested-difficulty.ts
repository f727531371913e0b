import type { Network } from "../bitcoin/network.js";

/** Decided: of the 3 to 10 s that pools aim at the least, as a silent pool is found by the shares it does not answer. */
const SHARE_INTERVAL_S = 3;
const HASHES_PER_DIFFICULTY = 2 ** 32;

/** A group of pools and its part of the hash power, in proportion to the others. */
interface Quota {
  readonly name: string;
  readonly quota: number;
}

/**
 * The difficulty to ask a pool for when the owner says nothing, as the pool counts it. `hashrateThs` is of the whole
 * machine, as `machine` counts; a pool gets the part of its group. A group that is not in the list gets all.
 */
export function suggestedDifficulty(
  hashrateThs: number,
  machine: Network,
  pool: { readonly network: Network; readonly group: string },
  quotas: readonly Quota[],
): number {
  const own = quotas.find(({ name }) => name === pool.group);
  const sum = quotas.reduce((total, { quota }) => total + quota, 0);
  const part = own === undefined ? 1 : own.quota / sum;
  const scale = Number(pool.network.difficulty1Target) / Number(machine.difficulty1Target);
  return ((part * hashrateThs * 1e12 * SHARE_INTERVAL_S) / HASHES_PER_DIFFICULTY) * scale;
}
