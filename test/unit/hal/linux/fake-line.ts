/** One GPIO line as the world sees it. */
export class FakeLine {
  isOutput = false;
  #driven: 0 | 1 = 0;
  outside: 0 | 1 = 0;
  isUpsideDown = false;
  isOpenDrain = false;
  edge = "none";
  /** Somebody in the kernel has it. */
  isBusy = false;
  /** Its direction cannot be changed. */
  isFixed = false;
  isBroken = false;
  /** Every level that was driven. */
  readonly history: (0 | 1)[] = [];
  /** Times of falling edges that the kernel has noted, microseconds. */
  edgesUs: number[] = [];
  /** Who watches for edges. */
  readonly watchers = new Set<() => void>();

  get level(): 0 | 1 {
    if (!this.isOutput || (this.isOpenDrain && this.#driven === 1)) return this.outside;
    return this.#driven;
  }

  drive(level: 0 | 1): void {
    this.isOutput = true;
    this.#driven = level;
    this.history.push(level);
  }

  /** As somebody before us left it. */
  leaveDriven(level: 0 | 1): void {
    this.drive(level);
    this.history.length = 0;
  }
}
