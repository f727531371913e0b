import type { Network } from "../bitcoin/network.js";
import { targetFromLe } from "../bitcoin/target.js";
import type { NonceRecord } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import type { Logger } from "../lib/logger.js";
import type { Counters } from "../mining/counters.js";
import type { CountersState } from "../mining/counters-state.js";
import { CreditWatch, type PoolCredit } from "../mining/credit-watch.js";
import { HashrateBook } from "../mining/hashrate-book.js";
import { JobMemory } from "../mining/job-memory.js";
import type { RateWindows } from "../mining/rate-windows.js";
import type { PoolSet } from "../pool/pools/pool-set.js";

export interface StatisticsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly pools: PoolSet;
  readonly counters: Counters;
  /** What difficulty 1 means to the chips. */
  readonly network: Network;
  /** Chips of each chain. */
  readonly chips: readonly number[];
}

/** Everything that is counted: hash rates, what pools credit for them, and totals for life. */
export class Statistics {
  readonly rates: HashrateBook;
  readonly #options: StatisticsOptions;
  readonly #jobs: JobMemory;
  readonly #credit: CreditWatch;
  #firstShareMs: number | undefined;

  constructor(options: StatisticsOptions) {
    const { clock, log, pools, counters, network, chips } = options;
    this.#options = options;
    this.rates = new HashrateBook({ clock, network, chips });
    this.#jobs = new JobMemory(network);
    this.#credit = new CreditWatch({
      clock,
      jobs: this.#jobs,
      chips,
      onAlarm: ({ code, context }) => {
        log.error({ code, ...context }, "credit and hash rate part");
      },
    });
    pools.on("job", (_group, job) => {
      const settings = pools.settingsOf(job.poolKey);
      if (settings !== undefined) this.#jobs.note(settings.name, job);
    });
    pools.on("switched", ({ from, to }) => {
      if (from !== undefined) this.#credit.setWorking(from, false);
      if (to !== undefined) this.#credit.setWorking(to, true);
    });
    pools.on("shareOutcome", (pool, { jobKey, difficulty = 0 }, outcome, { url, user }) => {
      if (outcome.result === "accepted") this.#firstShareMs ??= clock.nowMs();
      const jobDifficulty = this.#jobs.find(jobKey)?.difficulty ?? 0;
      counters.countShare({ url, user }, { outcome, jobDifficulty, difficulty });
      this.#credit.countShare(pool, outcome, jobDifficulty);
    });
  }

  /** Clock time of the first accepted share; undefined before. */
  get firstShareMs(): number | undefined {
    return this.#firstShareMs;
  }

  start(): void {
    this.#credit.start();
  }

  stop(): void {
    this.#credit.stop();
  }

  /** A batch of a chain's answers; `verified` are those that `ChainRates.count` returned. */
  countNonces(
    chain: number,
    nonces: readonly NonceRecord[],
    verified: readonly NonceRecord[],
    ticketDifficulty: number,
  ): void {
    const { counters } = this.#options;
    counters.countNonces(nonces);
    counters.countWork(verified.length * ticketDifficulty);
    this.#credit.countNonces(chain, verified, ticketDifficulty);
    for (const nonce of verified) if (nonce.verdict === "share") this.#lookForBlock(chain, nonce);
  }

  /** The share itself goes out in this turn, as every share does. */
  #lookForBlock(chain: number, { jobKey, chipIndex, hashLe }: NonceRecord): void {
    const job = this.#jobs.find(jobKey);
    if (job?.networkTarget === undefined || targetFromLe(hashLe) > job.networkTarget) return;
    this.#options.counters.countBlock();
    const hash = Buffer.from(hashLe).reverse().toString("hex");
    this.#options.log.warn({ pool: job.pool, chain, chip: chipIndex, hash }, "block found");
  }

  /** Whether any chain hashes; told when it may have changed. */
  setHashing(isHashing: boolean): void {
    this.#options.counters.setHashing(isHashing);
  }

  snapshot(): {
    readonly hashrate: RateWindows;
    readonly credit: readonly PoolCredit[];
    readonly lifetime: CountersState;
  } {
    return {
      hashrate: this.rates.windows(),
      credit: this.#credit.snapshot(),
      lifetime: this.#options.counters.state(),
    };
  }
}
