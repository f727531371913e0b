import type { Clock } from "../../lib/clock.js";

/** What may change, beside the slot that it belongs to. */
type Changing =
  /** The enable line, as driven: 0 asks for the output. */
  | "enable"
  /** The output stage of the supply: 1 while it works. */
  | "output"
  /** 1 while the chips of a slot have a voltage on which their logic runs. */
  | "power"
  /** The reset line of a slot where the chips see it: 0 is pulled. */
  | "reset";

export interface Change {
  readonly what: Changing;
  readonly slot: number | null;
  readonly to: 0 | 1;
  /** On the machine's monotonic clock. */
  readonly atMs: number;
}

/** What a look at the truth gives at most; a start of a machine moves about twenty things. */
const MOST_CHANGES = 200;

/** When lines and voltages last moved: whoever judges how fast something was need not look all the time. */
export class ChangeLog {
  readonly #clock: Clock;
  readonly #last = new Map<string, 0 | 1>();
  readonly #changes: Change[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The oldest first. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  get nowMs(): number {
    return this.#clock.nowMs();
  }

  get unixMs(): number {
    return this.#clock.unixMs();
  }

  /** Keeps what is new; the first word on a thing is no change. */
  tell(what: Changing, slot: number | null, to: 0 | 1): void {
    const key = `${what}:${String(slot)}`;
    const before = this.#last.get(key);
    this.#last.set(key, to);
    if (before === undefined || before === to) return;
    this.#changes.push({ what, slot, to, atMs: this.nowMs });
    if (this.#changes.length > MOST_CHANGES) this.#changes.shift();
  }
}
