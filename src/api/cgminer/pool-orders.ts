import type { ListedPool, PoolList } from "../../app/pool-commands.js";
import type { MinerPicture } from "./picture.js";
import type { PoolPicture } from "./pool-picture.js";
import { notAvailable, refusal, type Orders } from "./orders.js";
import { failure, success, type Reply } from "./reply.js";

/** Documented: cgminer's range of a quota. */
const MOST_QUOTA = 9999;

export interface PoolOrder {
  readonly picture: MinerPicture;
  readonly parameter: string | undefined;
  readonly orders: Orders;
}

/** The pool goes to the head of its group, for good. */
export async function switchPool({ picture, parameter, orders }: PoolOrder): Promise<Reply> {
  const pool = poolAt(picture, parameter);
  if ("is" in pool) return pool;
  const rest = picture.pools.filter(({ index }) => index !== pool.index);
  const done = success(27, `Switching to ${named(pool)}`);
  return change(orders, (list) => inOrder(list, [pool, ...rest]), done);
}

export async function setPriorities({ picture, parameter, orders }: PoolOrder): Promise<Reply> {
  const wanted: PoolPicture[] = [];
  for (const part of (parameter ?? "").split(",")) {
    const pool = poolAt(picture, part.trim() === "" ? undefined : part.trim());
    if ("is" in pool) return pool;
    if (wanted.includes(pool)) return failure(74, `Duplicate pool specified ${pool.index}`);
    wanted.push(pool);
  }
  const rest = picture.pools.filter((pool) => !wanted.includes(pool));
  const done = success(73, "Changed pool priorities");
  return change(orders, (list) => inOrder(list, [...wanted, ...rest]), done);
}

export async function removePool({ picture, parameter, orders }: PoolOrder): Promise<Reply> {
  const pool = poolAt(picture, parameter);
  if ("is" in pool) return pool;
  if (picture.pools.length === 1) return failure(66, `Cannot remove last ${named(pool)}`);
  if (pool.isActive) return failure(67, `Cannot remove active ${named(pool)}`);
  const without = (list: PoolList): readonly ListedPool[] =>
    list.pools.filter(({ name }) => name !== pool.name);
  return change(orders, without, success(68, `Removed ${named(pool)}`));
}

export async function addPool({ picture, parameter, orders }: PoolOrder): Promise<Reply> {
  if (parameter === undefined) return failure(52, "Missing addpool details");
  const details = poolDetails(parameter);
  if (details === undefined) return failure(53, `Invalid addpool details '${parameter}'`);
  const { url, user, pass } = details;
  const added = (list: PoolList): readonly object[] => {
    const group = list.pools[0]?.group;
    const entry = { url, user, password: pass, ...(group !== undefined && { group }) };
    return [...list.pools, entry];
  };
  return change(orders, added, success(55, `Added pool ${picture.pools.length}: '${url}'`));
}

/** Quotas belong to groups here: one of a pool is that of its group, if it is there alone. */
export async function setQuota({ picture, parameter, orders }: PoolOrder): Promise<Reply> {
  const [id, text] = (parameter ?? "").split(",").map((part) => part.trim());
  const pool = poolAt(picture, id === "" ? undefined : id);
  if ("is" in pool) return pool;
  if (text === undefined || text === "") return failure(86, "Missing config value N for 'quota'");
  const quota = Number(text);
  if (Number.isInteger(quota) && quota < 0) return failure(121, `Invalid negative number ${quota}`);
  if (!Number.isInteger(quota) || quota > MOST_QUOTA)
    return failure(84, `Invalid number ${text} for 'quota' range is 0-${MOST_QUOTA}`);
  const listed = await listOf(orders);
  if ("is" in listed) return listed;
  const group = listed.pools.find(({ name }) => name === pool.name)?.group;
  if (listed.pools.filter((each) => each.group === group).length !== 1)
    return notAvailable("poolquota", "the pool shares its group, and quotas belong to groups");
  const groups = listed.groups.map((each) => (each.name === group ? { ...each, quota } : each));
  const params = { revision: listed.revision, pools: listed.pools, groups };
  const done = success(122, `Set pool '${pool.url}' to quota ${quota}'`);
  return orders.give("pools.set", params, done);
}

export function enablePool({ picture, parameter }: PoolOrder): Reply {
  const pool = poolAt(picture, parameter);
  if ("is" in pool) return pool;
  return failure(49, `Pool ${pool.index}:'${pool.url}' already enabled`, "I");
}

export function disablePool({ picture, parameter }: PoolOrder): Reply {
  const pool = poolAt(picture, parameter);
  if ("is" in pool) return pool;
  if (picture.pools.length === 1) return failure(51, `Cannot disable last active ${named(pool)}`);
  return notAvailable("disablepool", "remove the pool, or put it last");
}

/** URL, user and password; a backslash quotes a comma or another one. Undefined unless there are three. */
export function poolDetails(
  parameter: string,
): { readonly url: string; readonly user: string; readonly pass: string } | undefined {
  const parts: string[] = [];
  let part = "";
  for (const [, quoted, plain] of `${parameter},`.matchAll(/\\([\s\S])|([\s\S])/g))
    if (plain === ",") {
      parts.push(part);
      part = "";
    } else part += quoted ?? plain ?? "";
  const [url, user, pass, ...more] = parts;
  if (url === undefined || url === "" || user === undefined || user === "") return undefined;
  return pass === undefined || more.length > 0 ? undefined : { url, user, pass };
}

function poolAt({ pools }: MinerPicture, parameter: string | undefined): PoolPicture | Reply {
  if (pools.length === 0) return failure(8, "No pools");
  if (parameter === undefined) return failure(25, "Missing pool id parameter");
  const index = /^-?\d{1,9}$/.test(parameter) ? Number(parameter) : -1;
  const pool = pools[index];
  return pool ?? failure(26, `Invalid pool id ${index} - range is 0 - ${pools.length - 1}`);
}

function named({ index, url }: PoolPicture): string {
  return `pool ${index}:'${url}'`;
}

async function listOf(orders: Orders): Promise<PoolList | Reply> {
  const answer = await orders.ask("pools.list");
  return answer.is === "done" ? (answer.result as PoolList) : refusal(answer);
}

/** All pools are replaced by a changed list; passwords stay with their names. */
async function change(
  orders: Orders,
  changed: (list: PoolList) => readonly object[],
  done: Reply,
): Promise<Reply> {
  const list = await listOf(orders);
  if ("is" in list) return list;
  return orders.give("pools.set", { revision: list.revision, pools: changed(list) }, done);
}

/** Groups keep the places that they have: what changes is which of their pools stands first. */
function inOrder(list: PoolList, order: readonly PoolPicture[]): readonly ListedPool[] {
  const waiting = order.flatMap(({ name }) => list.pools.find((pool) => pool.name === name) ?? []);
  return list.pools.map((place) => {
    const at = waiting.findIndex(({ group }) => group === place.group);
    return waiting.splice(at, 1)[0] ?? place;
  });
}
