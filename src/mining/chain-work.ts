import type { RunningChain } from "../asic/chain/running-chain.js";
import { FULL_VERSION_MASK } from "../asic/registers.js";
import type { Network } from "../bitcoin/network.js";
import { targetToLe, ticketTarget } from "../bitcoin/target.js";
import type { ChainPort } from "../hal/chain-port.js";
import type { PoolJob } from "../pool/pool-client.js";
import { jobTemplate } from "./job-template.js";

export interface ChainWorkOptions {
  readonly port: ChainPort;
  readonly chain: RunningChain;
  /** What the chips report as long as no job needs less; a power of two. */
  readonly ticketDifficulty: number;
  /** What difficulty 1 means to the chips. */
  readonly network: Network;
  /** A change on the wire failed; the chain has to be brought up again. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Keeps one chain in work. A job goes down in the turn in which it comes, unless the chips must learn something
 * first: a version mask that the pool changed, or a lower ticket difficulty.
 */
export class ChainWork {
  readonly #options: ChainWorkOptions;
  #versionMask = FULL_VERSION_MASK;
  #ticketDifficulty: number;
  #job: PoolJob | undefined;
  #isAdapting = false;
  #owesClean = false;
  #owesUrgent = false;

  constructor(options: ChainWorkOptions) {
    this.#options = options;
    this.#ticketDifficulty = options.ticketDifficulty;
    this.#configure();
  }

  get ticketDifficulty(): number {
    return this.#ticketDifficulty;
  }

  /** The first job after bring-up. Resolves when it left the UART and the rest of the bring-up is done. */
  async begin(job: PoolJob): Promise<void> {
    const { port, chain } = this.#options;
    await this.#teach(job);
    const sent = port.nextWorkSent();
    this.#hand(job, true);
    await sent;
    await chain.finish();
    // The captured sequences end with the whole mask.
    if (this.#versionMask !== FULL_VERSION_MASK) await chain.setVersionMask(this.#versionMask);
  }

  /** `urgent`: the work that runs is worthless. */
  takeJob(job: PoolJob, { urgent } = { urgent: false }): void {
    this.#job = job;
    this.#owesClean ||= job.clean;
    this.#owesUrgent ||= urgent;
    if (this.#isAdapting) return;
    if (this.#suits(job)) this.#hand(job, false);
    else void this.#adapt().catch(this.#options.onFailure);
  }

  dropJob(): void {
    this.#job = undefined;
    this.#options.port.stopWork();
  }

  async #adapt(): Promise<void> {
    this.#isAdapting = true;
    try {
      for (let job = this.#job; job !== undefined && !this.#suits(job); job = this.#job)
        await this.#teach(job);
    } finally {
      this.#isAdapting = false;
    }
    if (this.#job !== undefined) this.#hand(this.#job, false);
  }

  async #teach(job: PoolJob): Promise<void> {
    const { chain } = this.#options;
    if (job.versionMask !== this.#versionMask) {
      await chain.setVersionMask(job.versionMask);
      this.#versionMask = job.versionMask;
    }
    const wanted = this.#ticketFor(job.target);
    if (wanted !== this.#ticketDifficulty)
      this.#ticketDifficulty = await chain.setTicketDifficulty(wanted);
    this.#configure();
  }

  #suits(job: PoolJob): boolean {
    return (
      job.versionMask === this.#versionMask &&
      this.#ticketFor(job.target) === this.#ticketDifficulty
    );
  }

  /** Chips must report every share: the highest ticket difficulty, up to the usual one, that still does. */
  #ticketFor(jobTarget: bigint): number {
    const { network, ticketDifficulty } = this.#options;
    let difficulty = ticketDifficulty;
    while (difficulty > 1 && ticketTarget(difficulty, network) < jobTarget) difficulty /= 2;
    return difficulty;
  }

  #configure(): void {
    const { port, chain, network } = this.#options;
    port.configureWork({
      jobIntervalMs: chain.jobTiming.intervalMs,
      ticketTargetLe: targetToLe(ticketTarget(this.#ticketDifficulty, network)),
    });
  }

  #hand(job: PoolJob, urgent: boolean): void {
    const template = jobTemplate(job, urgent || this.#owesUrgent);
    this.#options.port.setJob({ ...template, clean: job.clean || this.#owesClean });
    this.#owesClean = false;
    this.#owesUrgent = false;
  }
}
