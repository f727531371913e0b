import type { NonceRecord } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import type { ShareOutcome } from "../pool/pool-client.js";
import { CreditAccount } from "./credit-account.js";
import type { JobMemory } from "./job-memory.js";
import type { RateWindows } from "./rate-windows.js";
import { MissingShares, type Shortfall } from "./shortfall-test.js";

const LOOK_MS = 60_000;
/** Pools that are watched; more than can be configured. */
const MAX_POOLS = 64;

/** What a pool credits beside what was worked for it. Plain JSON. */
export interface PoolCredit {
  readonly pool: string;
  /** From verified nonces of its jobs; a pool that had no work was not worked for. */
  readonly verified: RateWindows;
  /** From accepted shares, each for the difficulty of its job. */
  readonly credited: RateWindows;
  /** The alarm, as long as its evidence stands. */
  readonly alarms: readonly CreditAlarm[];
}

export interface CreditAlarm extends Shortfall {
  readonly code: "CREDIT_SHARES_REFUSED" | "CREDIT_SHARES_MISSING";
}

export interface CreditWatchOptions {
  readonly clock: Clock;
  readonly jobs: JobMemory;
  /** Chips of each chain. */
  readonly chips: readonly number[];
  /**
   * CREDIT_SHARES_REFUSED {pool, promised, seen, minutes}: shares were sent, and the pool or the link is at fault.
   * CREDIT_SHARES_MISSING {pool | chain | chain and chip, promised, seen, minutes}: the shares were not found.
   */
  readonly onAlarm: (error: MinerError) => void;
}

/** Nonces of a chip, or of a whole chain, against the shares among them. */
interface Finder {
  readonly facts: Readonly<Record<string, number>>;
  readonly test: MissingShares;
  promised: number;
  found: number;
}

/**
 * Tells when what pools credit and what verified nonces prove part by more than chance allows, and on which side:
 * between nonces and shares, by pool, chain and chip; or between shares and credit, by pool.
 * Reasons and figures: docs/adr/0010-credit-watch.md.
 */
export class CreditWatch {
  readonly #options: CreditWatchOptions;
  readonly #accounts = new Map<string, CreditAccount>();
  readonly #chains: readonly { readonly all: Finder; readonly chips: readonly Finder[] }[];
  #cancel: () => void = () => undefined;

  constructor(options: CreditWatchOptions) {
    this.#options = options;
    this.#chains = options.chips.map((count, chain) => ({
      all: finder({ chain }),
      chips: Array.from({ length: count }, (_, chip) => finder({ chain, chip })),
    }));
  }

  /** Looks each minute until `stop`. */
  start(): void {
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      this.start();
      this.#look();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** The pool has work, or has none any more. */
  setWorking(pool: string, isWorking: boolean): void {
    this.#accountOf(pool).isOpen = isWorking;
  }

  /** Verified nonces of a chain that meet the ticket difficulty, as `ChainRates.count` returns them. */
  countNonces(chain: number, nonces: readonly NonceRecord[], ticketDifficulty: number): void {
    const { jobs } = this.#options;
    const finders = this.#chains[chain];
    for (const { verdict, jobKey, chipIndex } of nonces) {
      // Of a stale nonce nobody has looked whether it is a share.
      if (verdict !== "share" && verdict !== "belowTarget") continue;
      const job = jobs.find(jobKey);
      if (job === undefined) continue;
      const chance = jobs.shareChance(job, ticketDifficulty);
      const isShare = verdict === "share";
      this.#accountOf(job.pool).countNonce(ticketDifficulty, chance, isShare);
      for (const place of [finders?.all, finders?.chips[chipIndex]]) {
        if (place === undefined) continue;
        place.promised += chance;
        if (isShare) place.found += 1;
      }
    }
  }

  /** What became of a share, by the difficulty of its job. */
  countShare(pool: string, outcome: ShareOutcome, jobDifficulty: number): void {
    this.#accountOf(pool).countShare(outcome, jobDifficulty);
  }

  /** How each pool credits. */
  snapshot(): PoolCredit[] {
    return [...this.#accounts].map(([pool, account]) => ({
      pool,
      verified: account.verified(),
      credited: account.credited(),
      alarms: [
        ...(account.refused.isAlarmed
          ? [{ code: "CREDIT_SHARES_REFUSED" as const, ...account.refused.shortfall }]
          : []),
        ...(account.missing.isAlarmed
          ? [{ code: "CREDIT_SHARES_MISSING" as const, ...account.missing.shortfall }]
          : []),
      ],
    }));
  }

  #look(): void {
    for (const [pool, account] of this.#accounts) {
      const { missing, refused } = account.look();
      if (refused) this.#alarm("CREDIT_SHARES_REFUSED", { pool }, account.refused.shortfall);
      if (missing) this.#alarm("CREDIT_SHARES_MISSING", { pool }, account.missing.shortfall);
    }
    for (const { all, chips } of this.#chains)
      for (const place of [all, ...chips]) {
        const { facts, test, promised, found } = place;
        place.promised = place.found = 0;
        if (test.look(promised, found)) this.#alarm("CREDIT_SHARES_MISSING", facts, test.shortfall);
      }
  }

  #alarm(
    code: CreditAlarm["code"],
    facts: Readonly<Record<string, string | number>>,
    { promised, seen, looks }: Shortfall,
  ): void {
    const sums = { promised: Math.round(promised), seen, minutes: looks };
    this.#options.onAlarm(new MinerError(code, { ...facts, ...sums }));
  }

  #accountOf(pool: string): CreditAccount {
    const known = this.#accounts.get(pool);
    if (known !== undefined) return known;
    const [oldest] = this.#accounts.keys();
    if (this.#accounts.size >= MAX_POOLS && oldest !== undefined) this.#accounts.delete(oldest);
    const account = new CreditAccount(this.#options.clock);
    this.#accounts.set(pool, account);
    return account;
  }
}

function finder(facts: Readonly<Record<string, number>>): Finder {
  return { facts, test: new MissingShares(), promised: 0, found: 0 };
}
