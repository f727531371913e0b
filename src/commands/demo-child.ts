import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { MinerError } from "../lib/errors.js";
import { raiseProcess } from "../lib/raise-process.js";

const STOP_LIMIT_MS = 10_000;

/** Another process of this program, by its own command line. Its log goes to our standard error. */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  /** `isHardware`: it stands for what is never busy. */
  constructor(name: string, args: readonly string[], { isHardware = false } = {}) {
    this.#name = name;
    this.#process = spawn(
      process.execPath,
      [...process.execArgv, process.argv[1] ?? "", ...args],
      // A group of its own: an interrupt from the terminal reaches us alone, and we stop the children in order.
      // The IPC channel carries nothing; its end tells the child that we are gone, however we went.
      { stdio: ["ignore", "pipe", "inherit", "ipc"], detached: true },
    );
    if (isHardware) raiseProcess(this.#process.pid);
    this.#exited = once(this.#process, "exit");
  }

  /** The first line on standard output. Throws CHILD_DIED when the process ends before it. */
  async firstLine(): Promise<string> {
    for await (const line of this.lines()) return line;
    throw this.#died();
  }

  /** Standard output to its end. */
  async *lines(): AsyncGenerator<string> {
    if (this.#process.stdout === null) throw this.#died();
    yield* createInterface({ input: this.#process.stdout });
  }

  /** Throws CHILD_DIED when the process has ended. */
  assertAlive(): void {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) throw this.#died();
  }

  /** Asks the process to end; kills it when it does not. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGTERM");
    // The channel would keep a child alive that has done all it had to do.
    this.#process.disconnect();
    const limit = setTimeout(() => this.#process.kill("SIGKILL"), STOP_LIMIT_MS);
    await this.#exited;
    clearTimeout(limit);
  }

  #died(): MinerError {
    return new MinerError("CHILD_DIED", {
      command: this.#name,
      exitCode: this.#process.exitCode,
      signal: this.#process.signalCode,
    });
  }
}
