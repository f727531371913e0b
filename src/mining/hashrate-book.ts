import type { Network } from "../bitcoin/network.js";
import type { NonceRecord } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import {
  rateOf,
  ratesOf,
  type FoundWork,
  type RateWindow,
  type RateWindows,
} from "./rate-windows.js";
import { ticketZeroBits } from "./ticket-choice.js";
import { WindowSums, type RateWindowName } from "./window-sums.js";

/** Sums of a chain before those of its chips. */
const DIFFICULTY = 0;
const SQUARES = 1;
const OF_CHAIN = 2;

/** Rates of the chips of a chain over one window, by chip index. */
export interface ChipRates {
  readonly seconds: number;
  readonly ths: readonly number[];
  /** One standard deviation of each. */
  readonly uncertaintyThs: readonly number[];
}

/** A moment to count from. */
export interface RateMark {
  readonly atMs: number;
  readonly difficulty: number;
  readonly squares: number;
}

export interface HashrateBookOptions {
  readonly clock: Clock;
  /** What difficulty 1 means to the chips. */
  readonly network: Network;
  /** Chips of each chain. */
  readonly chips: readonly number[];
}

/**
 * Hash rates of chips, chains and machine from verified nonces. It lives as long as the program: a chain that is off,
 * or was brought up again, has found nothing meanwhile, and its windows say so. Three chains of 110 chips take 360 kB.
 */
export class HashrateBook {
  readonly chains: readonly ChainRates[];
  readonly #sums: WindowSums;

  constructor({ clock, network, chips }: HashrateBookOptions) {
    const firsts = chips.map((_, chain) =>
      chips.slice(0, chain).reduce((sum, count) => sum + OF_CHAIN + count, 0),
    );
    const size = chips.reduce((sum, count) => sum + OF_CHAIN + count, 0);
    this.#sums = new WindowSums(clock, size);
    this.chains = chips.map(
      (count, chain) =>
        new ChainRates({
          clock,
          network,
          chips: count,
          sums: this.#sums,
          first: firsts[chain] ?? 0,
        }),
    );
  }

  /** The rates of the whole machine. */
  windows(): RateWindows {
    const finding = Math.max(0, ...this.chains.map((chain) => chain.finding));
    return ratesOf((window) => {
      const found = this.chains.map((chain) => chain.found(window));
      return {
        difficulty: found.reduce((sum, { difficulty }) => sum + difficulty, 0),
        squares: found.reduce((sum, { squares }) => sum + squares, 0),
        seconds: this.#sums.seconds(window),
      };
    }, finding);
  }
}

interface ChainRatesOptions {
  readonly clock: Clock;
  readonly network: Network;
  readonly chips: number;
  readonly sums: WindowSums;
  /** Number of this chain's first sum. */
  readonly first: number;
}

/** The part of the book that is about one chain. */
export class ChainRates {
  readonly #options: ChainRatesOptions;
  #finding = 0;
  #zeroBits = 0;

  constructor(options: ChainRatesOptions) {
    this.#options = options;
  }

  /** Difficulty of the nonces that are found now. */
  get finding(): number {
    return this.#finding;
  }

  /**
   * Counts the verified nonces of a drained batch, each for `ticketDifficulty` x 2^32 hashes, and returns them. Those
   * that miss that difficulty are left out: when the chips' mask changes, some report them and some do not, and
   * counting what all report keeps the rate true.
   */
  count(nonces: readonly NonceRecord[], ticketDifficulty: number): readonly NonceRecord[] {
    const { sums, first, chips, network } = this.#options;
    if (ticketDifficulty !== this.#finding) {
      this.#finding = ticketDifficulty;
      this.#zeroBits = ticketZeroBits(ticketDifficulty, network);
    }
    const counted = nonces.filter(
      ({ verdict, hashLe }) => isVerified(verdict) && hasZeroBits(hashLe, this.#zeroBits),
    );
    if (counted.length === 0) return counted;
    sums.roll();
    sums.add(first + DIFFICULTY, counted.length * ticketDifficulty);
    sums.add(first + SQUARES, counted.length * ticketDifficulty ** 2);
    // A damaged frame can name a chip that does not exist.
    for (const { chipIndex } of counted)
      if (chipIndex < chips) sums.add(first + OF_CHAIN + chipIndex, ticketDifficulty);
    return counted;
  }

  /** The rates of the chain. */
  windows(): RateWindows {
    return ratesOf((window) => this.found(window), this.#finding);
  }

  /** The rates of its chips. */
  chips(window: RateWindowName): ChipRates {
    const { sums, first, chips } = this.#options;
    const found = this.found(window);
    const { seconds } = found;
    // All chips have the ticket of the chain, so that one mean weight of a nonce holds for each.
    const weight = found.difficulty > 0 ? found.squares / found.difficulty : this.#finding;
    const rates = Array.from({ length: chips }, (_, chip) => {
      const difficulty = sums.within(window, first + OF_CHAIN + chip);
      return rateOf({ difficulty, squares: difficulty * weight, seconds }, weight);
    });
    return {
      seconds,
      ths: rates.map(({ ths }) => ths),
      uncertaintyThs: rates.map(({ uncertaintyThs }) => uncertaintyThs),
    };
  }

  /** Now, to count from with `since`. */
  mark(): RateMark {
    const { clock, sums, first } = this.#options;
    const difficulty = sums.total(first + DIFFICULTY);
    return { atMs: clock.nowMs(), difficulty, squares: sums.total(first + SQUARES) };
  }

  /** The mean rate since a moment, as since the chain began to hash. */
  since(mark: RateMark): RateWindow {
    const now = this.mark();
    const difficulty = now.difficulty - mark.difficulty;
    const squares = now.squares - mark.squares;
    const seconds = (now.atMs - mark.atMs) / 1000;
    return rateOf({ difficulty, squares, seconds }, this.#finding);
  }

  /** What was found within a window. */
  found(window: RateWindowName): FoundWork {
    const { sums, first } = this.#options;
    return {
      difficulty: sums.within(window, first + DIFFICULTY),
      squares: sums.within(window, first + SQUARES),
      seconds: sums.seconds(window),
    };
  }
}

/** The hash is at or below the ticket target: the nonce proves work. */
function isVerified(verdict: NonceRecord["verdict"]): boolean {
  return verdict === "share" || verdict === "belowTarget" || verdict === "stale";
}

/** Whether a hash, 32 bytes as hashed (little-endian), begins with so many zero bits. */
function hasZeroBits(hashLe: Uint8Array, zeroBits: number): boolean {
  let at = hashLe.length - 1;
  let left = zeroBits;
  for (; left >= 8; left -= 8, at--) if (hashLe[at] !== 0) return false;
  return left === 0 || (hashLe[at] ?? 0) >>> (8 - left) === 0;
}
