import * as z from "zod/mini";
import { networkByName } from "../bitcoin/network.js";
import { systemClock } from "../lib/clock.js";
import { isMinerError } from "../lib/errors.js";
import { programVersion } from "../lib/version.js";
import { createPoolClient } from "../pool/create-pool-client.js";
import { keySource } from "../pool/pool-client.js";
import type { PoolSettings } from "../pool/pool-settings.js";
import { parsePoolUrl } from "../pool/pool-url.js";
import { DEFAULT_FAILOVER, type FailoverPolicy } from "../pool/pools/failover-policy.js";
import type { PoolGroup } from "../pool/pools/pool-set.js";

/** More is a mistake: no machine mines for so many. */
const MAX_POOLS = 32;
const DEFAULT_GROUP = "main";

const Name = z.string().check(z.regex(/^[^\s\p{Cc}]{1,64}$/u, "expected 1 to 64 characters"));

const Tls = z.strictObject({
  /** False: whoever answers is believed. Shown wherever the pool is. */
  verify: z._default(z.boolean(), true),
  /** PEM file with the authorities to trust in place of the built-in ones. */
  caFile: z.optional(z.string()),
  /** SHA-256 of certificates, hex; one of them must be the pool's. */
  pins: z._default(z.array(z.string()), []),
});

export const Pool = z.strictObject({
  /** stratum+tcp://host:port, or stratum+ssl:// for TLS */
  url: z.string(),
  user: z.string().check(z.minLength(1)),
  password: z._default(z.string(), ""),
  /** What commands and logs call it; host and port when left out. */
  name: z.optional(Name),
  /** How the pool counts difficulty; the machine's network when left out. */
  network: z.optional(z.enum(["mainnet", "virtual"])),
  /** One of `groups`. */
  group: z._default(Name, DEFAULT_GROUP),
  tls: z.optional(Tls),
  /** socks5://[user:password@]host:port; it also resolves the pool's name. */
  proxy: z.optional(z.string()),
  /** Hosts that the pool may send us to, beside its own domain. */
  redirectHosts: z._default(z.array(z.string()), []),
  /** Difficulty to ask for; by hash rate when left out, 0 to ask for none. */
  suggestDifficulty: z.optional(z.number().check(z.minimum(0))),
});

export const Group = z.strictObject({
  name: Name,
  /** Part of the hash power, in proportion to the others. */
  quota: z._default(z.number().check(z.positive()), 1),
});

const Seconds = z.number().check(z.positive(), z.maximum(3600));

export const Pools = z.array(Pool).check(z.minLength(1), z.maxLength(MAX_POOLS));

/** When a pool is left and when it gets the hash power back. Seconds; see docs/operator.md. */
export const Failover = z.strictObject({
  answerS: z.optional(Seconds),
  openS: z.optional(Seconds),
  noWorkS: z.optional(Seconds),
  healthyS: z.optional(Seconds),
  collectS: z.optional(Seconds),
  refusedInARow: z.optional(z.int().check(z.minimum(3))),
  badJobs: z.optional(z.int().check(z.minimum(1))),
  rejectShare: z.optional(z.number().check(z.positive(), z.maximum(1))),
  leaveOnRejects: z.optional(z.boolean()),
});

export type PoolEntry = z.infer<typeof Pool>;
type GroupEntry = z.infer<typeof Group>;

/** The part of the configuration that is about pools. */
export interface PoolEntries {
  readonly network: "mainnet" | "virtual";
  readonly pools: readonly PoolEntry[];
  readonly groups?: readonly GroupEntry[] | undefined;
  readonly failover?: z.infer<typeof Failover> | undefined;
}

/** A field that contradicts another one. */
export interface Contradiction {
  readonly path: string;
  readonly value: unknown;
  readonly expected: string;
}

/** What the schema cannot say; undefined when all is well. */
export function contradictionOf(entries: PoolEntries): Contradiction | undefined {
  const { pools, groups } = entries;
  for (const [index, { url }] of pools.entries()) {
    const parsed = parsePoolUrl(url);
    if (!parsed.ok)
      return { path: `pools[${String(index)}].url`, value: url, expected: parsed.expected };
  }
  const names = namesOf(pools);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0)
    return { path: `pools[${String(twice)}].name`, value: names[twice], expected: "another name" };
  return contradictionOfGroups(pools, groups) ?? refusedSettings(entries);
}

function contradictionOfGroups(
  pools: PoolEntries["pools"],
  groups: PoolEntries["groups"],
): Contradiction | undefined {
  if (groups === undefined) return undefined;
  const known = groups.map(({ name }) => name);
  const again = known.findIndex((name, index) => known.indexOf(name) !== index);
  if (again >= 0)
    return { path: `groups[${String(again)}].name`, value: known[again], expected: "another name" };
  const stray = pools.findIndex(({ group }) => !known.includes(group));
  if (stray >= 0)
    return {
      path: `pools[${String(stray)}].group`,
      value: pools[stray]?.group,
      expected: `one of ${known.join(", ")}`,
    };
  const empty = known.findIndex((name) => !pools.some(({ group }) => group === name));
  return empty < 0
    ? undefined
    : {
        path: `groups[${String(empty)}].name`,
        value: known[empty],
        expected: "a group with a pool",
      };
}

/** Whether clients can be made of the settings: of TLS files and pins, proxies, names. */
function refusedSettings(entries: PoolEntries): Contradiction | undefined {
  const names = namesOf(entries.pools);
  const deps = { clock: systemClock, nextKey: keySource(), agent: agentOf(programVersion()) };
  for (const [index, entry] of entries.pools.entries()) {
    try {
      createPoolClient(settingsOf(entry, names[index] ?? entry.url, entries.network), deps);
    } catch (error) {
      if (!isMinerError(error)) throw error;
      const { field, expected, reason, ...facts } = error.context;
      const within = error.code === "POOL_TLS_INVALID" ? "tls." : "";
      const part = error.code === "POOL_PROXY_INVALID" ? "proxy" : `${within}${String(field)}`;
      return {
        path: `pools[${String(index)}].${part}`,
        value: error.code === "POOL_TLS_INVALID" ? entry.tls : "(not shown)",
        expected: String(expected ?? reason ?? `${error.code} ${JSON.stringify(facts)}`),
      };
    }
  }
  return undefined;
}

/** Name and version of this program as pools see it. */
export function agentOf(version: string): string {
  return `headframe/${version}`;
}

/** The groups with their pools, in the order of the configuration. */
export function poolGroups(entries: PoolEntries): readonly PoolGroup[] {
  const names = namesOf(entries.pools);
  const settings = entries.pools.map((entry, index) =>
    settingsOf(entry, names[index] ?? entry.url, entries.network),
  );
  const used = [...new Set(settings.map(({ group }) => group))];
  const groups = entries.groups ?? used.map((name) => ({ name, quota: 1 }));
  return groups.map(({ name, quota }) => ({
    name,
    quota,
    pools: settings.filter(({ group }) => group === name),
  }));
}

/** The times of the configuration with the defaults filled in. */
export function failoverPolicy({ failover = {} }: PoolEntries): FailoverPolicy {
  const { answerS, openS, noWorkS, healthyS, collectS, ...counts } = failover;
  const times = {
    answerMs: answerS,
    openMs: openS,
    noWorkMs: noWorkS,
    healthyMs: healthyS,
    collectMs: collectS,
  };
  const given = [
    ...Object.entries(times).map(([key, seconds]) => [key, seconds && seconds * 1000] as const),
    ...Object.entries(counts),
  ].filter(([, value]) => value !== undefined);
  return { ...DEFAULT_FAILOVER, ...Object.fromEntries(given) };
}

/**
 * What commands and logs call the pools: the given names, else host and port, with the user before them where
 * several have the same. Does not depend on the order.
 */
export function namesOf(
  pools: readonly Pick<PoolEntry, "url" | "user" | "name">[],
): readonly string[] {
  const places = pools.map(({ url }) => {
    const parsed = parsePoolUrl(url);
    return parsed.ok ? `${parsed.value.host}:${String(parsed.value.port)}` : url;
  });
  return pools.map(({ user, name }, index) => {
    const place = places[index] ?? "";
    const isShared = pools.some(
      (other, at) => at !== index && other.name === undefined && places[at] === place,
    );
    return name ?? (isShared ? `${user}@${place}` : place);
  });
}

function settingsOf(
  entry: PoolEntry,
  name: string,
  machineNetwork: "mainnet" | "virtual",
): PoolSettings {
  const { url, user, password, group, tls, proxy, redirectHosts, suggestDifficulty } = entry;
  return {
    name,
    url,
    user,
    password,
    network: networkByName(entry.network ?? machineNetwork),
    group,
    tls: { verify: tls?.verify ?? true, caFile: tls?.caFile, pins: tls?.pins ?? [] },
    proxy,
    redirectHosts,
    suggestDifficulty,
  };
}
