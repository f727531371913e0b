import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "../lib/clock.js";

/** How much the heap may grow until it is collected. Measured: a mining machine promotes 9 MB a minute, all garbage. */
const GROWTH_BYTES = 4 * 2 ** 20;
/** Measured: with 50 clients it grows by 2 MB a second, and without a look some tens of megabytes outside the heap hang on it. */
const LOOK_MS = 2000;

export interface MemoryKeeperOptions {
  /** Bytes of the heap in use, with those outside that live as long as their objects in it. */
  readonly heapUsed: () => number;
  /** Collects the whole heap, without blocking longer than the collector itself. */
  readonly collect: () => Promise<void>;
  /** Gives what the C heap does not need back to the system. */
  readonly release: () => void;
  readonly clock: Clock;
}

/**
 * Keeps the process small on boards with little memory. Left to itself the collector lets the heap of a process that
 * allocates as slowly as this one grow by tens of megabytes before it looks.
 */
export class MemoryKeeper {
  readonly #options: MemoryKeeperOptions;
  #floor = 0;
  #cancel: () => void = () => undefined;
  #isStopped = false;

  constructor(options: MemoryKeeperOptions) {
    this.#options = options;
  }

  /** Looks every two seconds until `stop`. */
  start(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      void this.#look().finally(() => {
        this.start();
      });
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { heapUsed, collect, release } = this.#options;
    const used = heapUsed();
    // It may have been collected by itself, or measured while much was in use.
    this.#floor = Math.min(this.#floor, used);
    if (used < this.#floor + GROWTH_BYTES) return;
    await collect();
    release();
    this.#floor = heapUsed();
  }
}

/** Of this process, as MemoryKeeper wants to know it. */
export function heapBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The collector of this process, which V8 hands out to those who ask by a flag. */
export function heapCollector(): () => Promise<void> {
  setFlagsFromString("--expose-gc");
  return runInNewContext('() => gc({ type: "major", execution: "async" })') as () => Promise<void>;
}
