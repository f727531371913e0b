/**
 * Remembers the headers of accepted shares so that none counts twice. It forgets in two steps: a
 * header lives for at least `lifetimeMs` and at most twice as long.
 */
export class HeaderMemory {
  readonly #lifetimeMs: number;
  #recent = new Set<string>();
  #older = new Set<string>();
  #recentSinceMs = -Infinity;

  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
  }

  /** True when `header` was not known; it is from now on. */
  add(header: Uint8Array, nowMs: number): boolean {
    if (nowMs - this.#recentSinceMs > this.#lifetimeMs) {
      this.#older = this.#recent;
      this.#recent = new Set();
      this.#recentSinceMs = nowMs;
    }
    const key = Buffer.from(header).toString("latin1");
    if (this.#recent.has(key) || this.#older.has(key)) return false;
    this.#recent.add(key);
    return true;
  }
}
