import type { NonceRecord } from "../hal/chain-port.js";
import { difficultyOfHash } from "../bitcoin/target.js";
import type { Network } from "../bitcoin/network.js";
import type { PoolClient, PoolJob } from "../pool/pool-client.js";

/** A chain that takes jobs. */
export interface JobTaker {
  /** Called in the turn in which the pool's line was read. */
  takeJob(job: PoolJob): void;
  /** There is no pool to work for. */
  dropJob(): void;
}

/** Brings the pool's jobs to every chain and the chains' shares to the pool. */
export class Dispatcher {
  readonly #pool: PoolClient;
  readonly #poolNetwork: Network;
  readonly #takers = new Set<JobTaker>();
  #job: PoolJob | undefined;

  constructor(pool: PoolClient, poolNetwork: Network) {
    this.#pool = pool;
    this.#poolNetwork = poolNetwork;
    pool.on("job", (job) => {
      this.#job = job;
      for (const taker of this.#takers) taker.takeJob(job);
    });
    pool.on("idle", () => {
      this.#job = undefined;
      for (const taker of this.#takers) taker.dropJob();
    });
  }

  /** The chain gets the running job, if there is one, and all later ones. */
  add(taker: JobTaker): void {
    this.#takers.add(taker);
    if (this.#job !== undefined) taker.takeJob(this.#job);
  }

  /** Submits what the chain thread found to meet its job's target; the rest is only counted there. */
  judge(nonces: readonly NonceRecord[]): void {
    for (const nonce of nonces) if (nonce.verdict === "share") this.#submit(nonce);
  }

  #submit(nonce: NonceRecord): void {
    const share = {
      jobKey: nonce.jobKey,
      sessionKey: nonce.sessionKey,
      extranonce2: nonce.extranonce2,
      ntime: nonce.ntime,
      nonce: nonce.nonce,
      version: nonce.version,
      difficulty: difficultyOfHash(nonce.hashLe, this.#poolNetwork),
    };
    // The outcome is counted by the pool client and told in its events; submit never rejects.
    void this.#pool.submit(share);
  }
}
