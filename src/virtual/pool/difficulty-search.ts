import type { Clock } from "../../lib/clock.js";
import { clampDifficulty, retarget, type VardiffOptions } from "./vardiff.js";

export interface DifficultySearchOptions {
  readonly vardiff: VardiffOptions;
  readonly clock: Clock;
  readonly difficulty: () => number;
  readonly setDifficulty: (difficulty: number) => void;
}

/** Looks for the difficulty of one connection, at intervals. */
export class DifficultySearch {
  readonly #options: DifficultySearchOptions;
  #suggestedMin = 0;
  #accepted = 0;
  #hasShares = false;
  #cancel: (() => void) | undefined;

  constructor(options: DifficultySearchOptions) {
    this.#options = options;
  }

  start(): void {
    const { vardiff, clock, difficulty, setDifficulty } = this.#options;
    this.#cancel = clock.after(vardiff.retargetIntervalS * 1000, () => {
      const accepted = this.#accepted;
      this.#accepted = 0;
      // As ckpool, which looks at the rate when a share comes: who still starts up has none.
      if (!this.#hasShares) {
        this.start();
        return;
      }
      const limits = { ...vardiff, min: Math.max(vardiff.min, this.#suggestedMin) };
      setDifficulty(retarget(difficulty(), accepted, vardiff.retargetIntervalS, limits));
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Counts the difficulty of an accepted share. */
  add(difficulty: number): void {
    this.#accepted += difficulty;
    this.#hasShares = true;
  }

  /** Documented: ckpool takes the suggestion as the lower limit of its own search. */
  suggest(difficulty: number): void {
    this.#suggestedMin = clampDifficulty(difficulty, this.#options.vardiff);
    this.#options.setDifficulty(this.#suggestedMin);
  }
}
