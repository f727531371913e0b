/** A chain's place in a group; a chain that does not come any more leaves, or the others wait for it for ever. */
export interface ResetPlace {
  /** Resolves when every chain of the group holds its reset line. Rejects with the signal's reason when aborted. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Nobody waits for this chain any more; safe to call again. */
  leave(): void;
}

/**
 * Chains whose chips must leave reset in the same moment: where boards share a rail that misbehaves when one of them
 * draws alone. Each reset pulse of a bring-up is a meeting of all.
 */
export class ResetGroup {
  readonly #members = new Set<symbol>();
  readonly #waiting = new Map<symbol, () => void>();

  /** Join all chains before the first of them is brought up. */
  join(): ResetPlace {
    const member = Symbol("chain");
    this.#members.add(member);
    return {
      ready: (signal) => this.#wait(member, signal),
      leave: () => {
        this.#members.delete(member);
        this.#meet();
      },
    };
  }

  #wait(member: symbol, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#members.has(member)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(member);
        reject(signal?.reason as Error);
      };
      if (signal?.aborted === true) {
        onAbort();
        return;
      }
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(member, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      this.#meet();
    });
  }

  #meet(): void {
    if (this.#waiting.size === 0 || this.#waiting.size < this.#members.size) return;
    const released = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const release of released) release();
  }
}
