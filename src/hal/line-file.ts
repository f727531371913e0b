import { closeSync, constants, openSync, writeSync } from "node:fs";
import { MinerError } from "../lib/errors.js";
import type { GpioOutput, Level } from "./gpio.js";

/**
 * A line that is a file and takes the characters `0` and `1`: a FIFO of the virtual machine, or the value file of a line.
 * It is opened for each write, so that a virtual machine may be restarted. The calls are synchronous on purpose: they do not
 * block, and a line that cuts power must not wait for worker threads, which hang when a bus hangs.
 */
export class LineFile implements GpioOutput {
  readonly name: string;
  readonly native: { readonly path: string };
  readonly #path: string;

  constructor(name: string, path: string) {
    this.name = name;
    this.#path = path;
    this.native = { path };
  }

  /** The line has `initial` then. @throws GPIO_UNAVAILABLE */
  static open(name: string, path: string, initial: Level | "asIs"): LineFile {
    const line = new LineFile(name, path);
    try {
      line.#put(initial === "asIs" ? "" : String(initial));
    } catch (cause) {
      throw new MinerError(
        "GPIO_UNAVAILABLE",
        { line: name, path, reason: reasonOf(cause) },
        { cause },
      );
    }
    return line;
  }

  write(level: Level): Promise<void> {
    try {
      this.#put(String(level));
      return Promise.resolve();
    } catch (cause) {
      const facts = { line: this.name, path: this.#path, reason: reasonOf(cause) };
      return Promise.reject(new MinerError("GPIO_FAILED", facts, { cause }));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #put(text: string): void {
    // Without O_NONBLOCK a FIFO without a reader would hold the whole program.
    const fd = openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      if (text !== "") writeSync(fd, text);
    } finally {
      closeSync(fd);
    }
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENXIO") return "nobody reads it";
  return code ?? message;
}
