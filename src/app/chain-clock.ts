import type { RunningChain } from "../asic/chain/running-chain.js";

export interface ChainClockOptions {
  readonly chain: RunningChain;
  /** The time between two works has changed. */
  readonly onSweep: () => void;
  /** The chips run at the clock that was last asked for. */
  readonly onReached: () => void;
  /** The walk failed on the wire; the chain has to be brought up again. */
  readonly onFailure: (error: unknown) => void;
}

/** Walks the clock of a running chain to what was last asked for, also when that changes on the way. */
export class ChainClock {
  readonly #options: ChainClockOptions;
  #aimMHz: number;
  /** Ends the step that is under way; undefined while the clock stands. */
  #turn: AbortController | undefined;
  #isStopped = false;

  constructor(options: ChainClockOptions) {
    this.#options = options;
    this.#aimMHz = options.chain.freqMHz;
  }

  get isWalking(): boolean {
    return this.#turn !== undefined;
  }

  aim(freqMHz: number): void {
    if (freqMHz === this.#aimMHz) return;
    this.#aimMHz = freqMHz;
    if (this.#turn === undefined) void this.#walk();
    else this.#turn.abort();
  }

  /** The chain is another's now. */
  stop(): void {
    this.#isStopped = true;
    this.#turn?.abort();
  }

  async #walk(): Promise<void> {
    const { chain, onSweep, onReached, onFailure } = this.#options;
    while (!this.#isStopped && chain.freqMHz !== this.#aimMHz) {
      const turn = new AbortController();
      this.#turn = turn;
      try {
        await chain.setFrequency(this.#aimMHz, { signal: turn.signal, onSweep });
      } catch (error) {
        if (turn.signal.aborted) continue;
        this.#turn = undefined;
        onFailure(error);
        return;
      }
    }
    this.#turn = undefined;
    if (!this.#isStopped) onReached();
  }
}
