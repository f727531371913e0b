import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { networkOf } from "./auth/network-of.js";

/** Measured: a millisecond each on a busy computer. Inferred: some on a board, whose main thread has pool lines to read too. */
const OF_ALL = { perS: 50, burst: 150 };
/** Home Assistant asks for some twelve pages every ten seconds. Sheet management.md, 4. */
const OF_ONE = { perS: 25, burst: 60 };
const MAX_ADDRESSES = 1000;
/** Who asks again as soon as it is refused would keep the main thread busy with refusals. */
const HOLD_MS = 1000;

interface Bucket {
  left: number;
  atMs: number;
}

/** How many requests are answered; more are refused, a second later, and nothing is done for them. */
export class RequestLimit {
  readonly #clock: Clock;
  readonly #all: Bucket;
  /** Who came last comes last. */
  readonly #addresses = new Map<string, Bucket>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = { left: OF_ALL.burst, atMs: clock.nowMs() };
  }

  /** Resolves when it is its turn. Rejects with HTTP_TOO_MANY */
  async take(address: string): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const key = networkOf(address);
    const own = this.#addresses.get(key) ?? { left: OF_ONE.burst, atMs: nowMs };
    this.#addresses.delete(key);
    this.#addresses.set(key, own);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size > MAX_ADDRESSES && oldest !== undefined)
      this.#addresses.delete(oldest);
    // One that asks too much must not use up what others could have.
    if (takeOf(own, OF_ONE, nowMs) && takeOf(this.#all, OF_ALL, nowMs)) {
      // Many that come at once would keep everything else waiting: each has a turn of the event loop to itself.
      this.#turn = this.#turn.then(() => nextTurn());
      await this.#turn;
      return;
    }
    await this.#clock.sleep(HOLD_MS);
    throw new MinerError("HTTP_TOO_MANY", { retryAfterS: 1 });
  }
}

function takeOf(bucket: Bucket, { perS, burst }: typeof OF_ALL, nowMs: number): boolean {
  const grown = bucket.left + ((nowMs - bucket.atMs) / 1000) * perS;
  bucket.left = Math.min(burst, grown);
  bucket.atMs = nowMs;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}
