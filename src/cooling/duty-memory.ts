import type { DutyRange } from "./fan-speed.js";

/** Fans follow their duty within this time. Inferred: large ones coast for some seconds. */
export const FOLLOW_MS = 10_000;

/** The duties of the last seconds: fans are somewhere between them. */
export class DutyMemory {
  #entries: readonly { readonly atMs: number; readonly pct: number }[] = [];

  /** What the fans were told; not what became of it. */
  get lastPct(): number | undefined {
    return this.#entries.at(-1)?.pct;
  }

  told(pct: number, nowMs: number): void {
    if (pct === this.lastPct) return;
    const since = nowMs - FOLLOW_MS;
    // The last one before the window held into it.
    const first = this.#entries.findLastIndex(({ atMs }) => atMs <= since);
    this.#entries = [...this.#entries.slice(Math.max(0, first)), { atMs: nowMs, pct }];
  }

  /** What nobody told yet may be any speed, and counts as proven at full duty only. */
  range(nowMs: number): DutyRange {
    const since = nowMs - FOLLOW_MS;
    const first = this.#entries.findLastIndex(({ atMs }) => atMs <= since);
    const held = this.#entries.slice(Math.max(0, first)).map(({ pct }) => pct);
    if (held.length === 0) return { lowPct: 100, highPct: 100 };
    return { lowPct: Math.min(...held), highPct: first < 0 ? 100 : Math.max(...held) };
  }
}
