import type { Clock } from "../../lib/clock.js";

// Decided: ckpool takes each suggestion for a new floor, public-pool obeys the first only: few are enough.
const LEAST_INTERVAL_MS = 600_000;
const CHECK_MS = 60_000;

// Decided: a change counts when it stands for so many looks in a row.
const LASTING_LOOKS = 3;

// As mujina: a fifth less or half more is a change worth a message.
const LEAST_RATIO = 0.8;
const MOST_RATIO = 1.5;

/**
 * Suggests a difficulty when a session opens, and again only when what we want has changed for good.
 * Nothing waits for an answer: most pools give none.
 */
export class DifficultySuggester {
  readonly #clock: Clock;
  readonly #wanted: () => number | undefined;
  readonly #suggest: (difficulty: number) => void;
  #suggested: number | undefined;
  #suggestedAtMs = -Infinity;
  #looks = 0;
  #cancel: (() => void) | undefined;

  constructor(
    clock: Clock,
    wanted: () => number | undefined,
    suggest: (difficulty: number) => void,
  ) {
    this.#clock = clock;
    this.#wanted = wanted;
    this.#suggest = suggest;
  }

  /** The difficulty last suggested. */
  get suggested(): number | undefined {
    return this.#suggested;
  }

  /** Suggests at once, and looks for changes until `stop`. */
  start(): void {
    this.#arm();
    this.#send(suggestible(this.#wanted()));
  }

  stop(): void {
    this.#cancel?.();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(CHECK_MS, () => {
      this.#arm();
      this.#look();
    });
  }

  #look(): void {
    const wanted = suggestible(this.#wanted());
    const ratio = (wanted ?? 0) / (this.#suggested ?? 0);
    const hasChanged = wanted !== undefined && !(ratio > LEAST_RATIO && ratio < MOST_RATIO);
    this.#looks = hasChanged ? this.#looks + 1 : 0;
    if (this.#looks < LASTING_LOOKS) return;
    if (this.#clock.nowMs() - this.#suggestedAtMs >= LEAST_INTERVAL_MS) this.#send(wanted);
  }

  #send(difficulty: number | undefined): void {
    if (difficulty === undefined) return;
    this.#looks = 0;
    this.#suggested = difficulty;
    this.#suggestedAtMs = this.#clock.nowMs();
    this.#suggest(difficulty);
  }
}

/** A difficulty that every pool can read: whole from 1 on, as classic ckpool ignores fractions there. */
function suggestible(difficulty: number | undefined): number | undefined {
  if (difficulty === undefined || !Number.isFinite(difficulty) || difficulty <= 0) return undefined;
  return difficulty < 1 ? difficulty : Math.min(Math.round(difficulty), Number.MAX_SAFE_INTEGER);
}
