/** Rise is measured over this time: shorter ones see the steps of the part, longer ones see too late. Inferred. */
const RISE_S = 5;
/** A little more than the readings of that time. */
const KEPT = 8;

interface Read {
  readonly tempC: number;
  readonly atMs: number;
}

/** What the last readings of one sensor tell beyond their values. */
export class SensorTrack {
  #reads: readonly Read[] = [];
  #changedAtMs: number | undefined;
  /** Of the other sensors of its board, when this one changed last. */
  #othersC: readonly (number | undefined)[] = [];
  #riseCPerS: number | undefined;

  /** Degrees a second over the last seconds; undefined before there were enough. */
  get riseCPerS(): number | undefined {
    return this.#riseCPerS;
  }

  /** One reading; `othersC`: those of the other sensors of its board at that time, always in the same order. */
  note(tempC: number, atMs: number, othersC: readonly (number | undefined)[]): void {
    const isSame = this.#reads.at(-1)?.tempC === tempC;
    this.#reads = [...this.#reads, { tempC, atMs }].slice(-KEPT);
    this.#riseCPerS = this.#rise();
    if (isSame) return;
    this.#changedAtMs = atMs;
    this.#othersC = othersC;
  }

  /** Seconds for which it has said the same; undefined before it said anything. */
  unchangedS(nowMs: number): number | undefined {
    return this.#changedAtMs === undefined ? undefined : (nowMs - this.#changedAtMs) / 1000;
  }

  /** How far the one of the others that moved most went since this one changed. */
  othersMovedC(othersC: readonly (number | undefined)[]): number {
    let mostC = 0;
    for (const [index, nowC] of othersC.entries()) {
      const thenC = this.#othersC[index];
      if (nowC !== undefined && thenC !== undefined)
        mostC = Math.max(mostC, Math.abs(nowC - thenC));
    }
    return mostC;
  }

  #rise(): number | undefined {
    const last = this.#reads.at(-1);
    const first = this.#reads.find(
      ({ atMs }) => last !== undefined && last.atMs - atMs <= (RISE_S + 0.5) * 1000,
    );
    if (first === undefined || last === undefined) return undefined;
    const seconds = (last.atMs - first.atMs) / 1000;
    return seconds < RISE_S / 2 ? undefined : (last.tempC - first.tempC) / seconds;
  }
}
