import type { NonceRecord } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import type { ShareOutcome } from "../pool/pool-client.js";
import type { PoolAccount } from "../pool/pool-settings.js";
import { countShare, noShares, type ShareCounts } from "../pool/share-counts.js";
import {
  noCounters,
  type CountersState,
  type Energy,
  type PoolCounters,
} from "./counters-state.js";

/** The pools that were used last; what older ones counted stays in the sums of all. */
const MAX_POOLS = 256;

/** Watts of longer ago say nothing of now; rounds of a supply take seconds. */
const OLDEST_POWER_S = 20;
/** Between two looks at the watts; what they were in a longer gap nobody knows. */
const LONGEST_GAP_S = 10;

/** Watts from the wall as somebody knows them. */
interface PowerReading {
  readonly value: number | null;
  readonly ageS: number | null;
  readonly evidence: "measured" | "estimated" | "none";
}

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
  readonly #energy: Energy;
  #blocksFound: number;
  #powerAtMs: number;
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
    this.#energy = copy.energy;
    this.#blocksFound = copy.blocksFound;
    this.#powerAtMs = this.#startMs;
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

  countBlock(): void {
    this.#blocksFound += 1;
  }

  /** Counts the energy since the last look at the watts; told about once a second. */
  countPower({ value, ageS, evidence }: PowerReading): void {
    const nowMs = this.#clock.nowMs();
    const seconds = (nowMs - this.#powerAtMs) / 1000;
    this.#powerAtMs = nowMs;
    const isKnown = value !== null && ageS !== null && ageS <= OLDEST_POWER_S;
    if (!isKnown || evidence === "none" || seconds > LONGEST_GAP_S || value < 0)
      this.#energy.unknownS += seconds;
    else this.#energy[`${evidence}J`] += value * seconds;
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
      energy: this.#energy,
      blocksFound: this.#blocksFound,
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
