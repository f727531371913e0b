import { isIPv6 } from "node:net";
import type { Clock } from "../../../lib/clock.js";

/** Sheet management.md, 7.2: five wrong passwords a minute. */
const MAX_WRONG = 5;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 1000;
/** One house has a whole network of IPv6. */
const IPV6_GROUPS = 4;

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
    const key = keyOf(address);
    this.#wrong.delete(key);
    this.#wrong.set(key, { atMs: [...atMs, this.#clock.nowMs()] });
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size > MAX_ADDRESSES && oldest !== undefined) this.#wrong.delete(oldest);
    return atMs.length + 1 >= MAX_WRONG;
  }

  right(address: string): void {
    this.#wrong.delete(keyOf(address));
  }

  #recent(address: string): Guesses {
    const guesses = this.#wrong.get(keyOf(address)) ?? { atMs: [] };
    const nowMs = this.#clock.nowMs();
    return { atMs: guesses.atMs.filter((each) => nowMs - each < WINDOW_MS) };
  }
}

function keyOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(plain)) return plain;
  // Written out, so that its first groups are its network.
  const [head = "", tail = ""] = plain.split("::");
  const [before, after] = [head, tail].map((part) => part.split(":").filter((each) => each !== ""));
  const zeros = Array.from(
    { length: Math.max(0, 8 - (before?.length ?? 0) - (after?.length ?? 0)) },
    () => "0",
  );
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, IPV6_GROUPS).join(":");
}
