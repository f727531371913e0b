import type { Network } from "../bitcoin/network.js";
import { targetFromCompact, ticketTarget } from "../bitcoin/target.js";
import type { PoolJob } from "../pool/pool-client.js";

/** Jobs of all pools together; a share is answered or lost long before so many new ones came. */
const MAX_JOBS = 1024;

/** What is still to be known of a job after it was replaced. */
export interface RememberedJob {
  /** Name of the pool. */
  readonly pool: string;
  /** As the pool said it: what it credits for a share. */
  readonly difficulty: number;
  readonly target: bigint;
  /** A hash at or below makes a block; undefined where the job's compact form means none. */
  readonly networkTarget: bigint | undefined;
  /** Chance that a nonce which meets the ticket difficulty `of` is a share. */
  chance: { of: number; value: number };
}

/** The last jobs of all pools, by key. */
export class JobMemory {
  readonly #network: Network;
  readonly #jobs = new Map<number, RememberedJob>();

  /** `network`: what difficulty 1 means to the chips. */
  constructor(network: Network) {
    this.#network = network;
  }

  note(pool: string, { key, difficulty, target, nbits }: PoolJob): void {
    const networkTarget = targetFromCompact(nbits);
    this.#jobs.set(key, { pool, difficulty, target, networkTarget, chance: { of: 0, value: 0 } });
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > MAX_JOBS && oldest !== undefined) this.#jobs.delete(oldest);
  }

  find(jobKey: number): RememberedJob | undefined {
    return this.#jobs.get(jobKey);
  }

  /** Chance that a nonce of this job that meets the ticket target is a share: the ratio of the targets. */
  shareChance(job: RememberedJob, ticketDifficulty: number): number {
    if (job.chance.of !== ticketDifficulty) {
      const ticket = ticketTarget(ticketDifficulty, this.#network);
      const value = Math.min(1, Number(job.target) / Number(ticket));
      job.chance = { of: ticketDifficulty, value };
    }
    return job.chance.value;
  }
}
