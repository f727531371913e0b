import type { PoolJob } from "../pool/pool-client.js";

/** The job that a chain is to work on: what the pools offer, unless work is withheld. */
export class ChainJobs {
  #offered: PoolJob | undefined;
  #isWithheld = false;
  #arrived: (() => void) | undefined;

  get current(): PoolJob | undefined {
    return this.#isWithheld ? undefined : this.#offered;
  }

  /** What the pools offer, withheld or not. */
  get offered(): PoolJob | undefined {
    return this.#offered;
  }

  get isWithheld(): boolean {
    return this.#isWithheld;
  }

  /** Undefined: there is no pool to work for. */
  offer(job: PoolJob | undefined): void {
    this.#offered = job;
    this.#tell();
  }

  withhold(isWithheld: boolean): void {
    this.#isWithheld = isWithheld;
    this.#tell();
  }

  /** Resolves with the current job as soon as there is one. Rejects with the signal's reason when aborted. */
  async next(signal: AbortSignal): Promise<PoolJob> {
    for (;;) {
      const job = this.current;
      if (job !== undefined) return job;
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => {
          reject(signal.reason as Error);
        };
        if (signal.aborted) onAbort();
        signal.addEventListener("abort", onAbort, { once: true });
        this.#arrived = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
      });
    }
  }

  #tell(): void {
    if (this.current === undefined) return;
    this.#arrived?.();
    this.#arrived = undefined;
  }
}
