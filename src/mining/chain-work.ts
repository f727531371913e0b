import type { RunningChain } from "../asic/chain/running-chain.js";
import { FULL_VERSION_MASK } from "../asic/registers.js";
import type { Network } from "../bitcoin/network.js";
import { targetToLe, ticketTarget } from "../bitcoin/target.js";
import type { ChainPort } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import type { PoolJob } from "../pool/pool-client.js";
import type { JobHandling } from "./dispatcher.js";
import { jobTemplate } from "./job-template.js";
import { TicketChoice } from "./ticket-choice.js";

/** Pools of which it is remembered what they withdrew; more than can be configured. */
const MAX_POOLS = 64;

export interface ChainWorkOptions {
  readonly port: ChainPort;
  readonly chain: RunningChain;
  /** What bring-up told the chips to report; a power of two. */
  readonly ticketDifficulty: number;
  /** True: the hash rate decides what the chips report; false: `ticketDifficulty` is the most. A job may need less. */
  readonly isTicketAutomatic: boolean;
  /** What difficulty 1 means to the chips. */
  readonly network: Network;
  readonly clock: Clock;
  /** A change on the wire failed; the chain has to be brought up again. */
  readonly onFailure: (error: unknown) => void;
}

/** What the chain thread has been told of one pool's jobs. */
interface PoolMemory {
  /** Newest job handed down. */
  jobKey: number;
  /** A clean job was passed over: the next has to withdraw in its place. */
  owesClean: boolean;
}

/**
 * Keeps one chain in work. A job goes down in the turn in which it comes, unless the chips must learn something
 * first: another version mask, or a lower ticket difficulty. A higher one they learn after the job.
 */
export class ChainWork {
  readonly #options: ChainWorkOptions;
  readonly #choice: TicketChoice;
  readonly #pools = new Map<number, PoolMemory>();
  /** Undefined while it is being changed. */
  #versionMask: number | undefined = FULL_VERSION_MASK;
  /** While it is being changed, the higher of the two: every chip reports what meets it. */
  #ticketDifficulty: number;
  /** What a nonce must meet to be no error. */
  #judgedDifficulty: number;
  #job: PoolJob | undefined;
  /** The job that went down last. */
  #handed: PoolJob | undefined;
  #isAdapting = false;
  #owesUrgent = false;

  constructor(options: ChainWorkOptions) {
    const { chain, network, ticketDifficulty } = options;
    this.#options = options;
    this.#ticketDifficulty = ticketDifficulty;
    this.#judgedDifficulty = ticketDifficulty;
    this.#choice = new TicketChoice({
      clock: options.clock,
      network,
      setting: options.isTicketAutomatic ? undefined : ticketDifficulty,
      expectedThs: () => chain.expectedThs,
    });
    this.#configure(ticketDifficulty);
  }

  /** Every nonce that meets it is reported; those that miss it are, while it changes, by some chips only. */
  get ticketDifficulty(): number {
    return this.#ticketDifficulty;
  }

  /** The first job after bring-up. Resolves when it left the UART and the rest of the bring-up is done. */
  async begin(job: PoolJob): Promise<void> {
    const { port, chain } = this.#options;
    this.#take(job, true);
    await this.#teach(job);
    const sent = port.nextWorkSent();
    this.#hand(job);
    await sent;
    await chain.finish();
    // The captured sequences end with the whole mask.
    if (job.versionMask !== FULL_VERSION_MASK) await chain.setVersionMask(job.versionMask);
  }

  /** `urgent`: the work that runs is worthless, or its pool is gone. */
  takeJob(job: PoolJob, { urgent }: JobHandling = { urgent: false }): void {
    this.#take(job, urgent);
    if (this.#suits(job)) this.#hand(job);
    const isSettled = this.#handed === job && this.#choice.wanted() === this.#ticketDifficulty;
    if (!isSettled && !this.#isAdapting) void this.#adapt().catch(this.#options.onFailure);
  }

  /** The chips sweep another range, or at another clock: the time between two works follows. */
  retime(): void {
    this.#configure(this.#judgedDifficulty);
  }

  dropJob(): void {
    this.#job = undefined;
    this.#handed = undefined;
    this.#choice.run(undefined);
    this.#options.port.stopWork();
  }

  #take(job: PoolJob, urgent: boolean): void {
    this.#job = job;
    this.#owesUrgent ||= urgent;
    this.#choice.run(job.target);
    const pool = this.#memoryOf(job);
    pool.owesClean ||= job.clean && job.key !== pool.jobKey;
  }

  async #adapt(): Promise<void> {
    this.#isAdapting = true;
    try {
      for (let job = this.#job; job !== undefined; job = this.#job) {
        await this.#teach(job);
        if (this.#job === job) break;
      }
    } finally {
      this.#isAdapting = false;
    }
    if (this.#job !== undefined && this.#job !== this.#handed) this.#hand(this.#job);
  }

  async #teach({ versionMask }: PoolJob): Promise<void> {
    const { chain } = this.#options;
    if (versionMask !== this.#versionMask) {
      this.#versionMask = undefined;
      await chain.setVersionMask(versionMask);
      this.#versionMask = versionMask;
      // Chips roll the running work by the new mask; no pool would take what it allows too much.
      this.#owesUrgent = true;
    }
    const wanted = this.#choice.wanted();
    const before = this.#ticketDifficulty;
    // Nothing may be taken for an error that one chip reports by the old limit, or another by the new.
    this.#configure(Math.min(wanted, before));
    if (wanted === before) return;
    this.#ticketDifficulty = Math.max(wanted, before);
    this.#ticketDifficulty = await chain.setTicketDifficulty(wanted);
    this.#configure(this.#ticketDifficulty);
  }

  #suits(job: PoolJob): boolean {
    return (
      job.versionMask === this.#versionMask &&
      this.#ticketDifficulty <= this.#choice.highestFor(job.target)
    );
  }

  #configure(ticketDifficulty: number): void {
    const { port, chain, network } = this.#options;
    this.#judgedDifficulty = ticketDifficulty;
    port.configureWork({
      jobIntervalMs: chain.jobTiming.intervalMs,
      ticketTargetLe: targetToLe(ticketTarget(ticketDifficulty, network)),
    });
  }

  #hand(job: PoolJob): void {
    const pool = this.#memoryOf(job);
    const template = jobTemplate(job, this.#owesUrgent);
    this.#options.port.setJob({ ...template, clean: pool.owesClean });
    pool.owesClean = false;
    pool.jobKey = job.key;
    this.#owesUrgent = false;
    this.#handed = job;
  }

  #memoryOf({ poolKey }: PoolJob): PoolMemory {
    const known = this.#pools.get(poolKey) ?? { jobKey: -1, owesClean: false };
    this.#pools.delete(poolKey);
    this.#pools.set(poolKey, known);
    const [oldest] = this.#pools.keys();
    if (this.#pools.size > MAX_POOLS && oldest !== undefined) this.#pools.delete(oldest);
    return known;
  }
}
