import { withoutSecrets } from "../../app/config-secrets.js";
import type { JsonObject } from "../../lib/merge-patch.js";
import { shownPoolUrl } from "../cgminer/pool-picture.js";

/** Documented: a stock page has three, and tools send three back. */
const SLOTS = 3;

/** A pool as a page was posted; what is not there keeps its value. */
export interface PostedPool {
  readonly url?: string | null | undefined;
  readonly user?: string | null | undefined;
  readonly pass?: string | null | undefined;
}

interface WantedPool {
  readonly url: string;
  readonly user: unknown;
  /** Undefined: nobody said. */
  readonly pass: string | undefined;
  /** What stands at its place. */
  readonly slot: JsonObject | undefined;
}

/** The first pools, in the words of the page; the password is not told. */
export function shownPools(
  pools: readonly { readonly url: string; readonly user: string; readonly password: string }[],
): readonly object[] {
  return pools.slice(0, SLOTS).map(({ url, user, password }) => ({
    ...{ url: shownPoolUrl(url), user, pass: withoutSecrets(password, "pass") },
  }));
}

/**
 * The pools of the file as a page wants them. A pool is known again by address and user, or else by address, and keeps all
 * that a page does not know of; those beyond the ones that were posted stay behind them. Nothing but empty places says
 * nothing about pools.
 * @param file as config.get shows it
 */
export function mergedPools(
  file: readonly JsonObject[],
  posted: readonly PostedPool[],
): readonly JsonObject[] {
  const wanted = posted.map((post, slot) =>
    wantedPool(post, slot < SLOTS ? file[slot] : undefined),
  );
  const kept = wanted.filter(({ url }) => url !== "");
  if (kept.length === 0) return file;
  const known = partners(file, kept);
  const used = new Set<unknown>([...known, ...file.slice(0, Math.min(posted.length, SLOTS))]);
  const rest = file.filter((pool) => !used.has(pool));
  return [...kept.map((want, index) => combined(want, known[index], file[0])), ...rest];
}

function wantedPool({ url, user, pass }: PostedPool, slot: JsonObject | undefined): WantedPool {
  return {
    url: (url ?? shownUrl(slot)).trim(),
    user: user ?? slot?.["user"],
    ...{ pass: pass ?? undefined, slot },
  };
}

/** Which pool of the file each wanted one is; first those that agree in all, then those of the same address. */
function partners(
  file: readonly JsonObject[],
  wanted: readonly WantedPool[],
): readonly (JsonObject | undefined)[] {
  const found = new Map<number, JsonObject>();
  const free = new Set(file);
  const pair = (fits: (want: WantedPool, pool: JsonObject) => boolean): void => {
    for (const [index, want] of wanted.entries()) {
      const pool = [...free].find((each) => fits(want, each));
      if (found.has(index) || pool === undefined) continue;
      found.set(index, pool);
      free.delete(pool);
    }
  };
  const isSamePlace = ({ url }: WantedPool, pool: JsonObject): boolean =>
    url === shownUrl(pool) || url === pool["url"];
  pair((want, pool) => isSamePlace(want, pool) && want.user === pool["user"]);
  pair(isSamePlace);
  return wanted.map((_, index) => found.get(index));
}

function combined(
  { url, user, pass, slot }: WantedPool,
  known: JsonObject | undefined,
  first: JsonObject | undefined,
): JsonObject {
  const before = known ?? placeOf(slot ?? first, slot);
  const isSamePass = pass === undefined || pass === (before["password"] ?? "");
  return {
    ...before,
    ...(known === undefined && { url }),
    user,
    ...(!isSamePass && { password: pass }),
  };
}

/** What a new pool takes over: whom it mines for, and the way out. */
function placeOf(pool: JsonObject | undefined, slot: JsonObject | undefined): JsonObject {
  const { group } = pool ?? {};
  const proxy = slot?.["proxy"];
  return { ...(group !== undefined && { group }), ...(proxy !== undefined && { proxy }) };
}

function shownUrl(pool: JsonObject | undefined): string {
  const url = pool?.["url"];
  return typeof url === "string" ? shownPoolUrl(url) : "";
}
