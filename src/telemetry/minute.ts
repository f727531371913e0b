import { FIGURE_NAMES, FIGURES, type FigureName } from "./figures.js";
import type { MinuteRecord, SecondRecord, Spread } from "./history-records.js";

interface Sum {
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
}

const NOTHING: Sum = { sum: 0, count: 0, min: Infinity, max: -Infinity };

/** Seconds that become a minute. */
export class Minute {
  readonly #sums = new Map<FigureName, Sum>();
  #seconds = 0;

  get seconds(): number {
    return this.#seconds;
  }

  add({ figures }: SecondRecord): void {
    this.#seconds += 1;
    for (const name of FIGURE_NAMES) {
      const value = figures[name];
      if (value === null) continue;
      const { sum, count, min, max } = this.#sums.get(name) ?? NOTHING;
      this.#sums.set(name, {
        ...{ sum: sum + value, count: count + 1 },
        ...{ min: Math.min(min, value), max: Math.max(max, value) },
      });
    }
  }

  /** @param last of its seconds */
  end(last: SecondRecord, writtenBytes: number | null): MinuteRecord {
    const { atUnixMs, state, powerEvidence } = last;
    const entries = FIGURE_NAMES.map((name) => [name, this.#spread(name)]);
    const figures = Object.fromEntries(entries) as MinuteRecord["figures"];
    return { atUnixMs, state, powerEvidence, seconds: this.#seconds, figures, writtenBytes };
  }

  #spread(name: FigureName): Spread | null {
    const found = this.#sums.get(name);
    if (found === undefined) return null;
    const { sum, count, min, max } = found;
    return { mean: Number((sum / count).toFixed(FIGURES[name])), min, max };
  }
}
