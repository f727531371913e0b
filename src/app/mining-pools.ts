import { FULL_VERSION_MASK } from "../asic/registers.js";
import { type Network, networkByName } from "../bitcoin/network.js";
import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import { createPoolClient, type PoolClientDeps } from "../pool/create-pool-client.js";
import { keySource } from "../pool/pool-client.js";
import type { PoolSettings } from "../pool/pool-settings.js";
import { PoolSet } from "../pool/pools/pool-set.js";
import { type PoolProbeReport, probePool } from "../pool/probe/probe-pool.js";
import type { ErrorSnapshot, PoolGroupStatus, PoolStatus } from "../telemetry/snapshot.js";
import type { Config } from "./config.js";
import type { PoolTestWish } from "./pool-commands.js";
import { failoverPolicy, poolGroups } from "./pool-config.js";

/** Decided: of the 3 to 10 s that pools aim at; often enough to find a silent pool soon. */
const SHARE_INTERVAL_S = 5;
const HASHES_PER_DIFFICULTY = 2 ** 32;
/** Longer than the times that a session itself is given to open and to get work. */
const PROBE_LIMIT_MS = 30_000;
/** How long a stop waits for the pools' answers to the last shares. */
const LAST_ANSWERS_MS = 2000;
const ANSWER_POLL_MS = 20;

export interface MiningPoolsOptions {
  readonly config: Config;
  /** Name and version of this program as pools see it. */
  readonly agent: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the machine makes, TH/s, as far as that is known. */
  readonly hashrateThs: () => number;
}

/** The pools of the configuration: what becomes of them is logged here. */
export class MiningPools {
  readonly set: PoolSet;
  readonly #options: MiningPoolsOptions;
  readonly #deps: PoolClientDeps;
  /** By pool: the mask that was logged last. */
  readonly #toldMasks = new Map<string, number>();

  /** Throws what the settings of a pool are refused with. */
  constructor(options: MiningPoolsOptions) {
    const { config, agent, clock } = options;
    this.#options = options;
    const info = { swVersion: agent, hwVersion: config.machineSpec.title };
    this.#deps = { clock, agent, info, nextKey: keySource() };
    this.set = new PoolSet({
      clock,
      groups: poolGroups(config),
      policy: failoverPolicy(config),
      createClient: (settings, timeouts) =>
        createPoolClient(settings, {
          ...this.#depsFor(settings),
          timeouts,
        }),
    });
    this.#logEvents();
  }

  /** Takes over the pools of another configuration while mining goes on. */
  reconfigure(config: Config): void {
    this.set.reconfigure(poolGroups(config), failoverPolicy(config));
    this.#options.log.info({ pools: config.pools.length }, "pools changed");
  }

  /** Opens a session of its own with a pool, which gets no share. */
  probe(settings: PoolSettings, wish: PoolTestWish): Promise<PoolProbeReport> {
    const { timeoutS, hashrateThs = this.#options.hashrateThs() } = wish;
    const timeoutMs = timeoutS === undefined ? PROBE_LIMIT_MS : timeoutS * 1000;
    return probePool(settings, this.#depsFor(settings), { timeoutMs, hashrateThs });
  }

  /** Shares that were sent are worth an answer, if it comes soon. Then all sessions end. */
  async stop(): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.nowMs() + LAST_ANSWERS_MS;
    while (this.set.pending > 0 && clock.nowMs() < untilMs) await clock.sleep(ANSWER_POLL_MS);
    this.set.stop();
  }

  status(): readonly PoolGroupStatus[] {
    return this.set.snapshot().groups.map((group) => ({
      ...group,
      pools: group.pools.map(({ lastError, ...pool }) => ({
        ...pool,
        lastError: errorSnapshot(lastError),
      })),
    }));
  }

  #depsFor({ network }: PoolSettings): PoolClientDeps {
    return { ...this.#deps, suggestDifficulty: () => this.#usualDifficulty(network) };
  }

  /** What a pool is asked for when the owner says nothing, in its own way to count. */
  #usualDifficulty(network: Network): number {
    const { config, hashrateThs } = this.#options;
    const ours = networkByName(config.network).difficulty1Target;
    const scale = Number(network.difficulty1Target) / Number(ours);
    return ((hashrateThs() * 1e12 * SHARE_INTERVAL_S) / HASHES_PER_DIFFICULTY) * scale;
  }

  #logEvents(): void {
    const { log } = this.#options;
    this.set.on("state", (pool, state, error) => {
      const facts = { pool, state, code: error?.code, ...error?.context };
      if (error === undefined) log.info(facts, "pool");
      else log.warn(facts, "pool");
    });
    this.set.on("notice", (pool, { kind, text }) => {
      if (kind === "warning") log.warn({ pool, text }, "pool notice");
      else log.info({ pool, kind, text }, "pool notice");
    });
    this.set.on("switched", ({ group, from, to, reason, error }) => {
      const facts = { group, from, to, reason, code: error?.code, ...error?.context };
      if (error === undefined) log.info(facts, "hash power goes to another pool");
      else log.warn(facts, "hash power goes to another pool");
    });
    this.set.on("shareOutcome", (pool, { jobKey }, outcome) => {
      const facts = { pool, jobKey, ...outcome };
      // What ends with a session or a block comes by the hundred; the counters have it.
      if (outcome.result === "rejected") log.warn(facts, "share refused");
      else if (outcome.result !== "accepted") log.debug(facts, "share not credited");
    });
    this.set.on("job", (_group, { poolKey, versionMask }) => {
      this.#tellOfRolling(this.set.settingsOf(poolKey)?.name ?? "", versionMask);
    });
  }

  /** Chips hash different versions of one work side by side; with few of them a part of each chip idles. */
  #tellOfRolling(pool: string, versionMask: number): void {
    if (this.#toldMasks.get(pool) === versionMask) return;
    this.#toldMasks.set(pool, versionMask);
    const facts = { pool, versionMask: `0x${versionMask.toString(16).padStart(8, "0")}` };
    if (versionMask === FULL_VERSION_MASK) this.#options.log.info(facts, "version bits to roll");
    else this.#options.log.warn(facts, "few version bits to roll: chips may hash slower");
  }
}

/** The pool that has the hash power; of several groups the first one's. Without any, the first pool of all. */
export function mainPool(groups: readonly PoolGroupStatus[]): PoolStatus | undefined {
  const pools = groups.flatMap((group) => group.pools);
  return pools.find(({ role }) => role === "active") ?? pools[0];
}

function errorSnapshot(error: MinerError | undefined): ErrorSnapshot | null {
  return error === undefined ? null : { code: error.code, context: error.context };
}
