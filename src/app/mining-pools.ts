import { networkByName } from "../bitcoin/network.js";
import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import { suggestedDifficulty } from "../mining/suggested-difficulty.js";
import { createPoolClient, type PoolClientDeps } from "../pool/create-pool-client.js";
import { keySource } from "../pool/pool-client.js";
import type { PoolSettings } from "../pool/pool-settings.js";
import { PoolSet } from "../pool/pools/pool-set.js";
import { type PoolProbeReport, probePool } from "../pool/probe/probe-pool.js";
import type { ErrorSnapshot } from "../telemetry/error-snapshot.js";
import type { PoolGroupStatus, PoolStatus } from "../telemetry/snapshot.js";
import type { Config } from "./config.js";
import type { PoolTestWish } from "./pool-commands.js";
import { failoverPolicy, poolGroups } from "./pool-config.js";
import { PoolLog } from "./pool-log.js";

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
  /** Listens to the lines of a pool, by its name. */
  readonly tap: NonNullable<PoolClientDeps["tap"]>;
}

/** The pools of the configuration, and the clients that are made for them. */
export class MiningPools {
  readonly set: PoolSet;
  readonly #options: MiningPoolsOptions;
  readonly #deps: PoolClientDeps;

  /** Throws what the settings of a pool are refused with. */
  constructor(options: MiningPoolsOptions) {
    const { config, agent, clock, tap } = options;
    this.#options = options;
    const info = { swVersion: agent, hwVersion: config.machineSpec.title };
    this.#deps = { clock, agent, info, nextKey: keySource(), tap };
    this.set = new PoolSet({
      clock,
      groups: poolGroups(config),
      policy: failoverPolicy(config),
      createClient: (settings, timeouts, current) =>
        createPoolClient(settings, { ...this.#depsFor(current), timeouts }),
    });
    new PoolLog(this.set, options.log, clock);
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
    return probePool(
      settings,
      this.#depsFor(() => settings),
      { timeoutMs, hashrateThs },
    );
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

  /** `current` gives the settings as they are now: name and group may have changed since. */
  #depsFor(current: () => PoolSettings): PoolClientDeps {
    const { config, hashrateThs } = this.#options;
    const machine = networkByName(config.network);
    const suggestDifficulty = (): number =>
      suggestedDifficulty(hashrateThs(), machine, current(), this.set.quotas());
    return { ...this.#deps, suggestDifficulty };
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
