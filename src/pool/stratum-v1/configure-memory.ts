const REMEMBER_MS = 24 * 60 * 60 * 1000;

// Decided: a pool that restarts in the wrong instant looks like a refusal once, hardly ever twice in a row.
const PROOFS = 2;

/**
 * Whether this pool can bear mining.configure. Classic ckpool closes the connection on it, without a
 * word (seen: ckpool 0.9.4). So does a pool that goes down just then, and version rolling must not be
 * off for a day because of that. Decided: the proof is a connection closed with configure and a
 * subscription without it; it is made twice before the first job, when nothing can be lost by it. What
 * costs an old pool four connections once a day costs a pool that restarts no version rolling at all.
 */
export class ConfigureMemory {
  #isSuspected = false;
  #proofs = 0;
  #skipUntilMs = -Infinity;

  /** True when the next session should begin with mining.configure. */
  shouldConfigure(nowMs: number): boolean {
    return !this.#isSuspected && nowMs >= this.#skipUntilMs;
  }

  /** A session with configure was closed before its subscription. */
  suspect(): void {
    this.#isSuspected = true;
  }

  /** A session got its subscription. True when it is to be opened again, to prove the suspicion. */
  noteSubscribed(withConfigure: boolean, nowMs: number): boolean {
    if (withConfigure) this.clearSuspicion();
    if (!this.#isSuspected) return false;
    this.#isSuspected = false;
    this.#proofs += 1;
    if (this.#proofs < PROOFS) return true;
    this.#proofs = 0;
    this.#skipUntilMs = nowMs + REMEMBER_MS;
    return false;
  }

  /** A session failed for another reason, or configure was answered. */
  clearSuspicion(): void {
    this.#isSuspected = false;
    this.#proofs = 0;
  }
}
