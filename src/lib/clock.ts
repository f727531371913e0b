/** Time as an argument: tests move it by hand. */
export interface Clock {
  /** Monotonic milliseconds, any origin. */
  nowMs(): number;
  /** Wall clock, Unix milliseconds. */
  unixMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  unixMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

interface Waiter {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until `advance` is called. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #unixStartMs: number;
  #waiters: Waiter[] = [];

  constructor(unixStartMs = 1_700_000_000_000) {
    this.#unixStartMs = unixStartMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  unixMs(): number {
    return this.#unixStartMs + this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const waiter: Waiter = { atMs: this.#nowMs + ms, wake: callback };
    this.#waiters.push(waiter);
    return () => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.after(ms, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Moves time on by `ms`, waking sleepers in order and letting promises settle between them. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const next = this.#waiters.reduce<Waiter | undefined>(
        (first, waiter) => (first === undefined || waiter.atMs < first.atMs ? waiter : first),
        undefined,
      );
      if (next === undefined || next.atMs > endMs) break;
      this.#waiters = this.#waiters.filter((waiter) => waiter !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

/** Lets everything that is already resolved run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
