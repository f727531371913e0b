import type { MinerError } from "../../lib/errors.js";

/**
 * One call into a worker thread at a time. A call that hangs cannot be taken back: until it has come back nothing else is
 * started, as the thread may still use the file it was given, and later calls fail at once instead of piling up in the
 * few threads that the process has.
 */
export class OneFlight {
  readonly #hung: () => MinerError;
  #current: Promise<void> | undefined;
  #isAwaited = false;

  constructor(hung: () => MinerError) {
    this.#hung = hung;
  }

  /** @throws the error of the constructor when the call before has not come back */
  async run<Result>(start: () => Promise<Result>): Promise<Result> {
    if (this.#current !== undefined) throw this.#hung();
    const call = start();
    const end = (): void => {
      this.#current = undefined;
    };
    this.#current = call.then(end, end);
    return call;
  }

  /** Waits for a call that hangs; the second to wait is told at once. @throws as `run` does */
  async landed(): Promise<void> {
    if (this.#current === undefined) return;
    if (this.#isAwaited) throw this.#hung();
    this.#isAwaited = true;
    await this.#current;
    this.#isAwaited = false;
  }
}
