import type { Clock } from "../../lib/clock.js";
import type { NativeGpioLine } from "../native-gpio.js";

const MAX_OLD_BATCHES = 16;

/** Falling edges of one line. */
export interface EdgeSource {
  /** Times in microseconds of any clock, in order, of the edges during the next `windowMs`. */
  collect(windowMs: number): Promise<readonly number[]>;
  close(): void;
}

/** Edges that the kernel notes with the time of the interrupt. */
export class KernelEdges implements EdgeSource {
  readonly #line: NativeGpioLine;
  readonly #clock: Clock;

  constructor(line: NativeGpioLine, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  async collect(windowMs: number): Promise<readonly number[]> {
    // The kernel keeps a few edges and drops the rest: what is there may be old. A line that never rests ends this too.
    for (let batch = 0; batch < MAX_OLD_BATCHES && this.#line.takeEdges().length > 0; batch++);
    await this.#clock.sleep(windowMs);
    return [...this.#line.takeEdges()];
  }

  close(): void {
    this.#line.close();
  }
}

/** What is used of a line of the library onoff. */
export interface WatchedLine {
  watch(callback: (error: Error | null | undefined) => void): void;
  unwatchAll(): void;
}

/**
 * Edges that sysfs tells of by poll(), on kernels without character devices. Slow: each edge is a turn of the event loop, and
 * edges that come while it is busy are one. Speeds are never too high this way, but may be too low.
 */
export class PolledEdges implements EdgeSource {
  readonly #line: WatchedLine;
  readonly #clock: Clock;

  constructor(line: WatchedLine, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  async collect(windowMs: number): Promise<readonly number[]> {
    const timesUs: number[] = [];
    this.#line.watch((error) => {
      if (error === null || error === undefined) timesUs.push(this.#clock.nowMs() * 1000);
    });
    try {
      await this.#clock.sleep(windowMs);
    } finally {
      this.#line.unwatchAll();
    }
    return timesUs;
  }

  close(): void {
    this.#line.unwatchAll();
  }
}
