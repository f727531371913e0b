const REMEMBER_MS = 24 * 60 * 60 * 1000;

// Decided: who cannot bear a message closes at once; 5 s are a slow line's round trip several times over.
const AT_ONCE_MS = 5_000;

// Decided: a link can break in the wrong instant once, hardly twice in a row.
const PROOFS = 2;

/**
 * Whether this pool can bear what we say beyond the login: suggested difficulties, extranonce subscription. Some programs
 * close on a method they do not know, and a pool that works without must not be lost by it. Being wrong costs little:
 * the pool chooses the difficulty by itself for a day.
 */
export class OptionalMemory {
  #proofs = 0;
  #skipUntilMs = -Infinity;

  /** True when the next session should send what is optional. */
  shouldSend(nowMs: number): boolean {
    return nowMs >= this.#skipUntilMs;
  }

  /** A session in which it was sent was closed, so long after, without a share that was accepted. */
  noteClosed(afterMs: number, nowMs: number): void {
    this.#proofs = afterMs < AT_ONCE_MS ? this.#proofs + 1 : 0;
    if (this.#proofs < PROOFS) return;
    this.#proofs = 0;
    this.#skipUntilMs = nowMs + REMEMBER_MS;
  }

  /** A session in which it was sent was good. */
  noteGood(): void {
    this.#proofs = 0;
  }
}
