import type { Clock } from "../../../lib/clock.js";
import { networkOf } from "./network-of.js";

/** Sheet management.md, 7.2: five wrong passwords a minute. */
const MAX_WRONG = 5;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 1000;

interface Guesses {
  readonly atMs: readonly number[];
}

/**
 * How often an address may be wrong. It waits for a minute then, whatever it goes on sending, and never longer; others,
 * sessions and tokens are not concerned. So nobody can shut the owner out.
 */
export class GuessLimit {
  readonly #clock: Clock;
  /** Who was wrong last comes last. */
  readonly #wrong = new Map<string, Guesses>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long an address has to wait; 0 when it may try. */
  waitS(address: string): number {
    const { atMs } = this.#recent(address);
    const last = atMs.at(-1);
    if (atMs.length < MAX_WRONG || last === undefined) return 0;
    return Math.ceil((last + WINDOW_MS - this.#clock.nowMs()) / 1000);
  }

  /** @returns whether it has to wait from now on */
  wrong(address: string): boolean {
    const { atMs } = this.#recent(address);
    const key = networkOf(address);
    this.#wrong.delete(key);
    this.#wrong.set(key, { atMs: [...atMs, this.#clock.nowMs()] });
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size > MAX_ADDRESSES && oldest !== undefined) this.#wrong.delete(oldest);
    return atMs.length + 1 >= MAX_WRONG;
  }

  right(address: string): void {
    this.#wrong.delete(networkOf(address));
  }

  #recent(address: string): Guesses {
    const guesses = this.#wrong.get(networkOf(address)) ?? { atMs: [] };
    const nowMs = this.#clock.nowMs();
    return { atMs: guesses.atMs.filter((each) => nowMs - each < WINDOW_MS) };
  }
}
