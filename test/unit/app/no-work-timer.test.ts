import { equal } from "node:assert/strict";
import { NoWorkTimer } from "../../../src/app/no-work-timer.js";
import { ManualClock } from "../../../src/lib/clock.js";

const FIVE_MINUTES_MS = 300_000;

/** Counts the timers that would keep a process up. */
class CountingClock extends ManualClock {
  timers = 0;

  override after(ms: number, callback: () => void): () => void {
    this.timers += 1;
    return super.after(ms, callback);
  }
}

describe("time without work", () => {
  let clock: CountingClock;
  let timer: NoWorkTimer;
  let over: number;

  beforeEach(() => {
    clock = new CountingClock();
    timer = new NoWorkTimer(clock);
    over = 0;
  });

  it("is over after five minutes, unless there is work before", async () => {
    timer.watch(() => (over += 1));
    timer.begin();
    await clock.advance(FIVE_MINUTES_MS - 1);
    timer.end();
    await clock.advance(FIVE_MINUTES_MS);
    equal(over, 0);
    timer.begin();
    await clock.advance(FIVE_MINUTES_MS);
    equal(over, 1);
  });

  it("does not run while nobody wants to hear of it, so that a program can end", () => {
    timer.begin();
    timer.watch(() => (over += 1));
    timer.stop();
    timer.begin();
    equal(clock.timers, 0);
  });
});
