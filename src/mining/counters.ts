import type { NonceRecord } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import type { ShareOutcome } from "../pool/pool-client.js";
import type { PoolAccount } from "../pool/pool-settings.js";
import { countShare, noShares, type ShareCounts } from "../pool/share-counts.js";
import { noCounters, type CountersState, type PoolCounters } from "./counters-state.js";

/** The pools that were used last; what older ones counted stays in the sums of all. */
const MAX_POOLS = 256;

/** A share whose outcome is known. */
export interface EndedShare {
  readonly outcome: ShareOutcome;
  /** Difficulty of the job, which is what a pool credits; 0 when the job is not known any more. */
  readonly jobDifficulty: number;
  /** Real difficulty of the hash; 0 when it is not known. */
  readonly difficulty: number;
}

/** Counts for life: begins with what an earlier run had counted. */
export class Counters {
  readonly #clock: Clock;
  readonly #before: CountersState;
  readonly #startMs: number;
  readonly #nonces: CountersState["nonces"];
  readonly #shares: ShareCounts;
  readonly #pools: Map<string, PoolCounters>;
  #verifiedDifficulty: number;
  #best: CountersState["best"];
  #hashingMs = 0;
  #hashingSinceMs: number | undefined;

  constructor(clock: Clock, before: CountersState = noCounters()) {
    const copy = structuredClone(before);
    this.#clock = clock;
    this.#before = copy;
    this.#startMs = clock.nowMs();
    this.#nonces = copy.nonces;
    this.#shares = copy.shares;
    this.#pools = new Map(copy.pools.map((pool) => [keyOf(pool), pool]));
    this.#verifiedDifficulty = copy.verifiedDifficulty;
    this.#best = copy.best;
  }

  /** Counts a drained batch of nonces by their verdicts. */
  countNonces(nonces: readonly NonceRecord[]): void {
    const counts: Record<string, number> = this.#nonces;
    for (const { verdict } of nonces) counts[verdict] = (counts[verdict] ?? 0) + 1;
  }

  /** Counts work that verified nonces prove, as a sum of difficulties. */
  countWork(difficulty: number): void {
    this.#verifiedDifficulty += difficulty;
  }

  /** Counts what became of a share. */
  countShare(account: PoolAccount, share: EndedShare): void {
    const pool = this.#poolOf(account);
    const { outcome, jobDifficulty, difficulty } = share;
    countShare(this.#shares, outcome, jobDifficulty);
    countShare(pool, outcome, jobDifficulty);
    if (outcome.result !== "accepted" || !Number.isFinite(difficulty)) return;
    const best = { difficulty, unixMs: this.#clock.unixMs() };
    if (difficulty > (pool.best?.difficulty ?? 0)) pool.best = best;
    const { url, user } = account;
    if (difficulty > (this.#best?.difficulty ?? 0)) this.#best = { ...best, url, user };
  }

  /** Whether any chain hashes; told when it changes. */
  setHashing(isHashing: boolean): void {
    this.#hashingMs += this.#hashingNowMs();
    this.#hashingSinceMs = isHashing ? this.#clock.nowMs() : undefined;
  }

  /** All counts as they are now: a copy. */
  state(): CountersState {
    const uptimeMs = this.#clock.nowMs() - this.#startMs;
    return structuredClone({
      savedUnixMs: this.#clock.unixMs(),
      starts: this.#before.starts + 1,
      uptimeS: this.#before.uptimeS + uptimeMs / 1000,
      hashingS: this.#before.hashingS + (this.#hashingMs + this.#hashingNowMs()) / 1000,
      nonces: this.#nonces,
      verifiedDifficulty: this.#verifiedDifficulty,
      shares: this.#shares,
      best: this.#best,
      pools: [...this.#pools.values()],
    });
  }

  #hashingNowMs(): number {
    return this.#hashingSinceMs === undefined ? 0 : this.#clock.nowMs() - this.#hashingSinceMs;
  }

  #poolOf(account: PoolAccount): PoolCounters {
    const key = keyOf(account);
    const { url, user } = account;
    const pool = this.#pools.get(key) ?? { url, user, ...noShares(), best: null };
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    const [oldest] = this.#pools.keys();
    if (this.#pools.size > MAX_POOLS && oldest !== undefined) this.#pools.delete(oldest);
    return pool;
  }
}

function keyOf({ url, user }: PoolAccount): string {
  return JSON.stringify([url, user]);
}
