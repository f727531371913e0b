import { REJECT_REASONS, type RejectReason } from "./reject-reason.js";

/** Shares of one worker name. */
export interface WorkerStats {
  readonly accepted: number;
  /** Refused for another reason than being stale. */
  readonly rejected: number;
  readonly stale: number;
  /** Sum of the difficulties of the jobs, not of the shares themselves. */
  readonly acceptedDifficulty: number;
}

export interface TestPoolStats extends WorkerStats {
  /** Every refused share, stale ones included, by reason. */
  readonly rejectedByReason: Readonly<Record<RejectReason, number>>;
  readonly duplicates: number;
  readonly workers: Readonly<Record<string, WorkerStats>>;
  /**
   * Accepted difficulty times 2^32 hashes over the time since the first share, which itself is left
   * out because it starts the measurement; 0 before the second.
   */
  readonly hashrateThs: number;
  /** Best difficulty that a share reached. */
  readonly bestDifficulty: number;
  /** Shares that met the network target of their job. */
  readonly blocksFound: number;
  readonly connections: number;
  readonly connectionsTotal: number;
  /** Connections closed because of a line that no strict pool takes. */
  readonly protocolErrors: number;
  readonly jobsSent: number;
  /** The difficulty sent last. */
  readonly difficulty: number;
  /** Clock times, ms; undefined before the first. */
  readonly firstShareAtMs: number | undefined;
  readonly lastJobSentAtMs: number | undefined;
}

// A unit of difficulty counts as 2^32 hashes on every network.
const TERAHASHES_PER_DIFFICULTY = 2 ** 32 / 1e12;

interface Account {
  accepted: number;
  rejected: number;
  stale: number;
  acceptedDifficulty: number;
}

const emptyAccount = (): Account => ({
  accepted: 0,
  rejected: 0,
  stale: 0,
  acceptedDifficulty: 0,
});

/** Counts what the pool sees. */
export class Ledger {
  readonly #total = emptyAccount();
  readonly #workers = new Map<string, Account>();
  readonly #byReason = new Map<RejectReason, number>();
  #firstShare: { readonly atMs: number; readonly difficulty: number } | undefined;
  #bestDifficulty = 0;
  #blocksFound = 0;
  #connections = 0;
  #connectionsTotal = 0;
  #protocolErrors = 0;
  #jobsSent = 0;
  #lastJobSentAtMs: number | undefined;
  #difficulty: number;

  constructor(startDifficulty: number) {
    this.#difficulty = startDifficulty;
  }

  addConnection(): void {
    this.#connections++;
    this.#connectionsTotal++;
  }

  removeConnection(): void {
    this.#connections--;
  }

  addProtocolError(): void {
    this.#protocolErrors++;
  }

  addWorker(worker: string): void {
    if (!this.#workers.has(worker)) this.#workers.set(worker, emptyAccount());
  }

  addJob(difficulty: number, atMs: number): void {
    this.#jobsSent++;
    this.#lastJobSentAtMs = atMs;
    this.#difficulty = difficulty;
  }

  addBlock(): void {
    this.#blocksFound++;
  }

  addAccepted(worker: string, difficulty: number, shareDifficulty: number, atMs: number): void {
    this.#firstShare ??= { atMs, difficulty };
    this.#bestDifficulty = Math.max(this.#bestDifficulty, shareDifficulty);
    for (const account of this.#accountsOf(worker)) {
      account.accepted++;
      account.acceptedDifficulty += difficulty;
    }
  }

  /** `worker` is undefined when the share belongs to no worker of the connection. */
  addRejected(worker: string | undefined, reason: RejectReason): void {
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
    for (const account of this.#accountsOf(worker)) {
      if (reason === "stale") account.stale++;
      else account.rejected++;
    }
  }

  /** A copy of all counters. */
  stats(nowMs: number): TestPoolStats {
    const count = (reason: RejectReason): number => this.#byReason.get(reason) ?? 0;
    return {
      ...this.#total,
      rejectedByReason: Object.fromEntries(
        REJECT_REASONS.map((reason) => [reason, count(reason)]),
      ) as Record<RejectReason, number>,
      duplicates: count("duplicate"),
      workers: Object.fromEntries(
        [...this.#workers].map(([worker, account]) => [worker, { ...account }]),
      ),
      hashrateThs: this.#hashrateThs(nowMs),
      bestDifficulty: this.#bestDifficulty,
      blocksFound: this.#blocksFound,
      connections: this.#connections,
      connectionsTotal: this.#connectionsTotal,
      protocolErrors: this.#protocolErrors,
      jobsSent: this.#jobsSent,
      difficulty: this.#difficulty,
      firstShareAtMs: this.#firstShare?.atMs,
      lastJobSentAtMs: this.#lastJobSentAtMs,
    };
  }

  #accountsOf(worker: string | undefined): readonly Account[] {
    const own = worker === undefined ? undefined : this.#workers.get(worker);
    return own === undefined ? [this.#total] : [this.#total, own];
  }

  #hashrateThs(nowMs: number): number {
    if (this.#firstShare === undefined || nowMs <= this.#firstShare.atMs) return 0;
    const difficulty = this.#total.acceptedDifficulty - this.#firstShare.difficulty;
    return (difficulty * TERAHASHES_PER_DIFFICULTY * 1000) / (nowMs - this.#firstShare.atMs);
  }
}
