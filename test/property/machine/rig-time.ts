import { sleepOn, type Clock, type ManualClock } from "../../../src/lib/clock.js";

/** What the rig writes to disk is real; virtual time stands still until it is written. */
export class Files {
  #pending = 0;

  async track<Result>(work: Promise<Result>): Promise<Result> {
    this.#pending += 1;
    try {
      return await work;
    } finally {
      this.#pending -= 1;
    }
  }

  /**
   * Everything that needs no virtual time has happened. The next tick comes when no promise has anything left to do. A
   * turn of the event loop costs seven times as much: it is waited for where somebody waits for one, or for a file.
   */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#pending === 0 && !process.getActiveResourcesInfo().some(isAwaited)) resolve();
        else setImmediate(look);
      };
      process.nextTick(look);
    });
  }
}

/** Turns of the event loop that somebody asked for, and files that are read or written. */
function isAwaited(resource: string): boolean {
  return resource === "Immediate" || resource.startsWith("FSReq");
}

interface Timer {
  cancel: () => void;
  readonly callback: () => void;
}

/** The time of one process of the controller: it ends with it, and stands still for it while it hangs. */
export class ProcessClock implements Clock {
  readonly #clock: ManualClock;
  readonly #timers = new Set<Timer>();
  #isDead = false;
  #hangsUntilMs = -Infinity;
  #dayMovedMs = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  unixMs(): number {
    return this.#clock.unixMs() + this.#dayMovedMs;
  }

  after(ms: number, callback: () => void): () => void {
    if (this.#isDead) return () => undefined;
    const timer: Timer = { cancel: () => undefined, callback };
    this.#timers.add(timer);
    this.#wait(timer, ms);
    return () => {
      this.#timers.delete(timer);
      timer.cancel();
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** Somebody sets the time of day. */
  moveDay(ms: number): void {
    this.#dayMovedMs += ms;
  }

  /** The event loop does nothing for so long. */
  hang(ms: number): void {
    this.#hangsUntilMs = this.#clock.nowMs() + ms;
  }

  /** Nothing of this process runs any more, whatever it waits for. */
  kill(): void {
    this.#isDead = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Something that the process waits for: the answer comes when the process can hear it, and to no dead one. */
  async outside<Result>(action: () => Result | Promise<Result>): Promise<Result> {
    if (this.isDead) return never();
    try {
      return await action();
    } finally {
      if (!this.#hears) await this.#hearing();
    }
  }

  #wait(timer: Timer, ms: number): void {
    timer.cancel = this.#clock.after(ms, () => {
      this.#fire(timer);
    });
  }

  #fire(timer: Timer): void {
    const leftMs = this.#hangsUntilMs - this.#clock.nowMs();
    if (leftMs > 0) {
      this.#wait(timer, leftMs);
      return;
    }
    this.#timers.delete(timer);
    timer.callback();
  }

  get #hears(): boolean {
    return !this.#isDead && this.#hangsUntilMs <= this.#clock.nowMs();
  }

  async #hearing(): Promise<void> {
    for (;;) {
      // Looked up anew: it may have been killed meanwhile.
      if (this.isDead) return never();
      const leftMs = this.#hangsUntilMs - this.#clock.nowMs();
      if (leftMs <= 0) return;
      await this.#clock.sleep(leftMs);
    }
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
