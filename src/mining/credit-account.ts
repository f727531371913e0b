import type { Clock } from "../lib/clock.js";
import type { ShareOutcome } from "../pool/pool-client.js";
import { ratesOf, type RateWindows } from "./rate-windows.js";
import { MissingShares, RefusedShares } from "./shortfall-test.js";
import { WindowSums } from "./window-sums.js";

const VERIFIED = 0;
const VERIFIED_SQUARES = 1;
const CREDITED = 2;
const CREDITED_SQUARES = 3;
const SUMS = 4;

/**
 * Refusals within this time after a counted one have the same cause (a new block, a connection that broke) and
 * prove nothing more. Decided.
 */
const SAME_CAUSE_MS = 1000;

/** One pool: what was worked for it, and what it credits. */
export class CreditAccount {
  readonly missing = new MissingShares();
  readonly refused = new RefusedShares();
  readonly #clock: Clock;
  readonly #sums: WindowSums;
  /** False: the pool has no session, and what the chips go on with is not worked for it. */
  isOpen = true;
  #promised = 0;
  #found = 0;
  #accepted = 0;
  #refusals = 0;
  #refusedMs = -Infinity;
  #verifiedEach = 0;
  #creditedEach = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sums = new WindowSums(clock, SUMS);
  }

  /** A verified nonce that stands for `difficulty` and was a share with chance `chance`. */
  countNonce(difficulty: number, chance: number, isShare: boolean): void {
    if (!this.isOpen) return;
    this.#sums.roll();
    this.#sums.add(VERIFIED, difficulty);
    this.#sums.add(VERIFIED_SQUARES, difficulty ** 2);
    this.#verifiedEach = difficulty;
    this.#promised += chance;
    if (isShare) this.#found += 1;
  }

  /** What became of a share of a job of this difficulty. */
  countShare(outcome: ShareOutcome, jobDifficulty: number): void {
    if (outcome.result === "dropped") return; // never sent: the pool knows nothing of it
    if (outcome.result === "accepted") {
      this.#accepted += 1;
      this.#sums.roll();
      this.#sums.add(CREDITED, jobDifficulty);
      this.#sums.add(CREDITED_SQUARES, jobDifficulty ** 2);
      this.#creditedEach = jobDifficulty;
      return;
    }
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#refusedMs <= SAME_CAUSE_MS) return;
    this.#refusedMs = nowMs;
    this.#refusals += 1;
  }

  /** Looks at what came since the last look; which alarms it raises. */
  look(): { readonly missing: boolean; readonly refused: boolean } {
    const missing = this.missing.look(this.#promised, this.#found);
    const refused = this.refused.look(this.#accepted + this.#refusals, this.#accepted);
    this.#promised = this.#found = this.#accepted = this.#refusals = 0;
    return { missing, refused };
  }

  /** From the nonces of the pool's jobs. */
  verified(): RateWindows {
    return this.#rates(VERIFIED, VERIFIED_SQUARES, this.#verifiedEach);
  }

  /** From the difficulties of the jobs whose shares the pool accepted. */
  credited(): RateWindows {
    return this.#rates(CREDITED, CREDITED_SQUARES, this.#creditedEach);
  }

  #rates(sum: number, squares: number, each: number): RateWindows {
    return ratesOf(
      (window) => ({
        difficulty: this.#sums.within(window, sum),
        squares: this.#sums.within(window, squares),
        seconds: this.#sums.seconds(window),
      }),
      each,
    );
  }
}
