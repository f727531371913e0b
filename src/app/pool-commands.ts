import * as z from "zod/mini";
import { MinerError } from "../lib/errors.js";
import type { PoolProbeReport } from "../pool/probe/probe-pool.js";
import type { PoolSettings } from "../pool/pool-settings.js";
import type { PoolGroupStatus } from "../telemetry/snapshot.js";
import type { Config } from "./config.js";
import type { ConfigStore } from "./config-store.js";
import { namesOf, poolGroups, type PoolEntry } from "./pool-config.js";

/** What stands where a proxy's user and password are. */
const HIDDEN = "(hidden)";

/** A pool of the configuration as commands show it: nothing in it is secret. */
export interface ListedPool extends Omit<PoolEntry, "password"> {
  readonly name: string;
  readonly hasPassword: boolean;
}

export interface PoolList {
  /** To be sent back with a change. */
  readonly revision: string;
  readonly pools: readonly ListedPool[];
  readonly groups: readonly { readonly name: string; readonly quota: number }[];
  /** How each stands, by group. */
  readonly status: readonly PoolGroupStatus[];
}

/** What the commands need of the rest of the controller. */
export interface PoolCommandParts {
  readonly store: ConfigStore;
  /** Takes over what the store has written. */
  readonly apply: (config: Config) => void;
  readonly status: () => readonly PoolGroupStatus[];
  readonly probe: (settings: PoolSettings, wish: PoolTestWish) => Promise<PoolProbeReport>;
}

export const PoolChange = z.object({
  /** That the change was made for; left out: whatever holds. */
  revision: z.optional(z.string()),
  pools: z.array(z.looseObject({ name: z.optional(z.string()) })),
  groups: z.optional(z.array(z.unknown())),
});

/** Within what a client waits for the answer. */
const MAX_TEST_S = 100;

export const PoolTest = z.object({
  name: z.string(),
  timeoutS: z.optional(z.number().check(z.positive(), z.maximum(MAX_TEST_S))),
  hashrateThs: z.optional(z.number().check(z.positive())),
});

/** What a test of a pool may differ in from the controller's own values. */
export type PoolTestWish = Omit<z.infer<typeof PoolTest>, "name">;

/** The commands about pools: list, replace, try out. */
export class PoolCommands {
  readonly #parts: PoolCommandParts;

  constructor(parts: PoolCommandParts) {
    this.#parts = parts;
  }

  list(): PoolList {
    const { store, status } = this.#parts;
    const names = namesOf(store.config.pools);
    return {
      revision: store.revision,
      pools: store.config.pools.map(({ password, proxy, ...entry }, index) => ({
        ...entry,
        name: names[index] ?? entry.url,
        hasPassword: password !== "",
        ...(proxy !== undefined && { proxy: withoutCredentials(proxy) }),
      })),
      groups: poolGroups(store.config).map(({ name, quota }) => ({ name, quota })),
      status: status(),
    };
  }

  /**
   * Replaces all pools, in the file and at once. A pool that comes without `password` keeps the one of its name; so
   * does a proxy whose credentials are hidden.
   * Rejects with what ConfigStore.change rejects with.
   */
  async set({ revision, pools, groups }: z.infer<typeof PoolChange>): Promise<PoolList> {
    const { store, apply } = this.#parts;
    const change = {
      pools: pools.map((entry) => this.#withSecrets(entry)),
      ...(groups && { groups }),
    };
    apply(await store.change(change, revision ?? store.revision));
    return this.list();
  }

  /**
   * Opens a session with a pool of the configuration, beside those that mine.
   * @throws POOL_UNKNOWN
   */
  async test({ name, ...wish }: z.infer<typeof PoolTest>): Promise<PoolProbeReport> {
    const all = poolGroups(this.#parts.store.config).flatMap(({ pools }) => pools);
    const settings = all.find((pool) => pool.name === name);
    if (settings === undefined)
      throw new MinerError("POOL_UNKNOWN", {
        name,
        expected: all.map((pool) => pool.name).join(", "),
      });
    return this.#parts.probe(settings, wish);
  }

  /** An entry as the file takes it; the schema of the configuration judges it afterwards. */
  #withSecrets(given: Readonly<Record<string, unknown>>): object {
    // A listed pool may come back as it was.
    const entry = Object.fromEntries(
      Object.entries(given).filter(([key]) => key !== "hasPassword"),
    );
    const { pools } = this.#parts.store.config;
    const old = pools[namesOf(pools).indexOf(String(entry["name"]))];
    if (old === undefined) return entry;
    const isProxyKept = old.proxy !== undefined && entry["proxy"] === withoutCredentials(old.proxy);
    return {
      ...entry,
      ...(!("password" in entry) && old.password !== "" && { password: old.password }),
      ...(isProxyKept && { proxy: old.proxy }),
    };
  }
}

function withoutCredentials(proxy: string): string {
  return proxy.replace(/\/\/[^/]*@/, `//${HIDDEN}@`);
}
