/** Fans follow a new duty, and whoever judges them gives them so long. Documented: src/cooling, FOLLOW_MS. */
const FOLLOW_MS = 10_000;

/** The lowest duty that a fan had of late: it may still be coming from there. */
export class LowDuty {
  #entries: { readonly duty: number; untilMs: number }[] = [];

  /** @returns the lowest of the last ten seconds, `duty` included */
  note(duty: number, nowMs: number): number {
    // What is not lower than a later one never counts again.
    const earlier = this.#entries.filter(
      (entry) => entry.duty < duty && entry.untilMs >= nowMs - FOLLOW_MS,
    );
    this.#entries = [...earlier, { duty, untilMs: nowMs }];
    return this.#entries[0]?.duty ?? duty;
  }
}
