import type { PoolList } from "../app/pool-commands.js";
import { MinerError } from "../lib/errors.js";

/** A pool as it is sent to the controller: a listed one as it was, which keeps its password. */
export type SentPool = Readonly<Record<string, unknown>> & { readonly group: string };

interface SentGroup {
  readonly name: string;
  readonly quota: number;
}

/** What `pools.set` takes. */
export interface PoolsChange {
  readonly revision: string;
  readonly pools: readonly SentPool[];
  /** Left out when the groups stay as they are. */
  readonly groups?: readonly SentGroup[];
}

/** Puts a pool at `position` of its group, from 1; last when that is left out. A new group is added with it. */
export function addPool(
  list: PoolList,
  pool: SentPool,
  { position, quota }: { readonly position?: number; readonly quota?: number } = {},
): PoolsChange {
  const isNew = list.groups.every(({ name }) => name !== pool.group);
  const groups = list.groups.map((group) =>
    group.name === pool.group && quota !== undefined ? { ...group, quota } : group,
  );
  return {
    revision: list.revision,
    pools: insert(sentPools(list), pool, position),
    ...((isNew || quota !== undefined) && {
      groups: isNew ? [...groups, { name: pool.group, quota: quota ?? 1 }] : groups,
    }),
  };
}

/** @throws POOL_UNKNOWN */
export function removePool(list: PoolList, name: string): PoolsChange {
  const index = indexOf(list, name);
  const pools = sentPools(list).filter((_, at) => at !== index);
  // A group without a pool would be refused.
  const groups = list.groups.filter((group) => pools.some((pool) => pool.group === group.name));
  const isGroupGone = groups.length < list.groups.length;
  return { revision: list.revision, pools, ...(isGroupGone && { groups }) };
}

/** Puts a pool at another position of its group, from 1. @throws POOL_UNKNOWN */
export function movePool(list: PoolList, name: string, position: number): PoolsChange {
  const index = indexOf(list, name);
  const pools = sentPools(list);
  const others = pools.filter((_, at) => at !== index);
  const moved = pools.find((_, at) => at === index);
  return {
    revision: list.revision,
    pools: moved === undefined ? others : insert(others, moved, position),
  };
}

/** Positions count within a group; one beyond its end is its end. */
function insert(
  pools: readonly SentPool[],
  pool: SentPool,
  position = Number.POSITIVE_INFINITY,
): readonly SentPool[] {
  const places = [...pools.keys()].filter((at) => pools[at]?.group === pool.group);
  const before = places[position - 1];
  const at = before ?? (places.at(-1) ?? pools.length - 1) + 1;
  return [...pools.slice(0, at), pool, ...pools.slice(at)];
}

function sentPools({ pools }: PoolList): readonly SentPool[] {
  return pools.map((pool) => ({ ...pool }));
}

function indexOf({ pools }: PoolList, name: string): number {
  const index = pools.findIndex((pool) => pool.name === name);
  if (index >= 0) return index;
  throw new MinerError("POOL_UNKNOWN", {
    name,
    expected: pools.map((pool) => pool.name).join(", "),
  });
}
