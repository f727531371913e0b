// Decided: 10 minutes in steps of 10 s; a pool is judged by what it did lately.
const STEP_MS = 10_000;
const STEPS = 60;

interface Step {
  /** Number of the step since the origin of the clock. */
  at: number;
  answered: number;
  rejected: number;
}

/** Counts answered shares over the last 10 minutes in fixed memory. */
export class RecentAnswers {
  readonly #steps: Step[] = Array.from({ length: STEPS }, () => ({
    at: -Infinity,
    answered: 0,
    rejected: 0,
  }));

  /** Counts an answer; `isRejected` when it was a refusal that counts against the pool. */
  add(nowMs: number, isRejected: boolean): void {
    const at = Math.floor(nowMs / STEP_MS);
    const step = this.#steps[((at % STEPS) + STEPS) % STEPS];
    if (step === undefined) return;
    if (step.at !== at) Object.assign(step, { at, answered: 0, rejected: 0 });
    step.answered += 1;
    if (isRejected) step.rejected += 1;
  }

  /** What came in the last 10 minutes. */
  sum(nowMs: number): { readonly answered: number; readonly rejected: number } {
    const first = Math.floor(nowMs / STEP_MS) - STEPS + 1;
    const sum = { answered: 0, rejected: 0 };
    for (const { at, answered, rejected } of this.#steps) {
      if (at < first) continue;
      sum.answered += answered;
      sum.rejected += rejected;
    }
    return sum;
  }
}
