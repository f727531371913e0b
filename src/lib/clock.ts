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

/** The sleep of a clock that can call back. */
export function sleepOn(
  clock: Pick<Clock, "after">,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  unixMs: () => Date.now(),
  sleep: (ms, signal) => sleepOn(systemClock, ms, signal),
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
  readonly #settle: () => Promise<void>;
  /** Who wakes first comes last; of those of one moment, who asked first. */
  readonly #waiters: Waiter[] = [];

  /** @param settle resolves when everything that needs no time has happened */
  constructor(unixStartMs = 1_700_000_000_000, settle = settled) {
    this.#unixStartMs = unixStartMs;
    this.#settle = settle;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  unixMs(): number {
    return this.#unixStartMs + this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const waiter: Waiter = { atMs: this.#nowMs + ms, wake: callback };
    this.#waiters.splice(
      this.#waiters.findLastIndex(({ atMs }) => atMs > waiter.atMs) + 1,
      0,
      waiter,
    );
    return () => {
      const at = this.#waiters.indexOf(waiter);
      if (at >= 0) this.#waiters.splice(at, 1);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** Moves time on by `ms`, waking sleepers in order and letting promises settle between them. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await this.#settle();
      const next = this.#waiters.at(-1);
      if (next === undefined || next.atMs > endMs) break;
      this.#waiters.pop();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#nowMs = endMs;
    await this.#settle();
  }
}

/** Lets everything that is already resolved run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
