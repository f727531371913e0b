import type { GpioInput, GpioOutput, Level, NativeLine } from "../gpio.js";
import { onLine } from "./line-error.js";

/** Calls on a line that the kernel holds for us. */
export interface LineCalls {
  read(): Level;
  write(level: Level): void;
  close(): void;
}

/**
 * A line of the kernel, by whichever way. The calls are synchronous: they take microseconds, and a line that cuts power must
 * not wait for worker threads, which hang when a bus hangs.
 */
export class HeldLine implements GpioInput, GpioOutput {
  readonly name: string;
  readonly native: NativeLine | undefined;
  readonly #calls: LineCalls;

  constructor(name: string, calls: LineCalls, native?: NativeLine) {
    this.name = name;
    this.native = native;
    this.#calls = calls;
  }

  async read(): Promise<Level> {
    return Promise.resolve(onLine("GPIO_FAILED", this.name, () => this.#calls.read()));
  }

  async write(level: Level): Promise<void> {
    onLine("GPIO_FAILED", this.name, () => {
      this.#calls.write(level);
    });
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#calls.close();
    return Promise.resolve();
  }
}
