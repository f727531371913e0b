const REMEMBER_MS = 24 * 60 * 60 * 1000;

/**
 * Whether this pool can bear mining.configure. Classic ckpool closes the connection on it, without a
 * word; so does a pool that is just down, hence the suspicion must first prove true.
 */
export class ConfigureMemory {
  #isSuspected = false;
  #skipUntilMs = -Infinity;

  /** True when the next session should begin with mining.configure. */
  shouldConfigure(nowMs: number): boolean {
    return !this.#isSuspected && nowMs >= this.#skipUntilMs;
  }

  /** A session with configure was closed before any answer. */
  suspect(): void {
    this.#isSuspected = true;
  }

  /** A session got its subscription; without configure that proves the suspicion. */
  noteSubscribed(nowMs: number): void {
    if (this.#isSuspected) this.#skipUntilMs = nowMs + REMEMBER_MS;
    this.#isSuspected = false;
  }

  /** A session failed. */
  noteFailed(): void {
    this.#isSuspected = false;
  }
}
