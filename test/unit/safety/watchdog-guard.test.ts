import { deepEqual, equal } from "node:assert/strict";
import { ManualClock } from "../../../src/lib/clock.js";
import { createLogger } from "../../../src/lib/logger.js";
import type { Guard } from "../../../src/safety/guard.js";
import { WatchdogGuard } from "../../../src/safety/watchdog-guard.js";

describe("guard with a watchdog", () => {
  let clock: ManualClock;
  let calls: string[];
  let feeds: number;
  let guard: WatchdogGuard;

  beforeEach(() => {
    clock = new ManualClock();
    calls = [];
    feeds = 0;
    const inner: Guard = {
      state: { is: "disarmed" },
      arm: () => calls.push("arm"),
      feed: () => calls.push("feed"),
      disarm: () => calls.push("disarm"),
    };
    const watchdog = {
      timeoutS: 30,
      feed: (): Promise<void> => {
        feeds += 1;
        return Promise.resolve();
      },
      close: (): Promise<void> => {
        calls.push("close");
        return Promise.resolve();
      },
    };
    guard = new WatchdogGuard({ guard: inner, watchdog, clock, log: createLogger("silent") });
  });

  it("feeds the watchdog while the power is off", async () => {
    await clock.advance(30_000);
    equal(feeds, 10);
  });

  it("feeds it while it is fed itself, and not when that stops", async () => {
    guard.arm();
    for (let times = 0; times < 60; times++) {
      guard.feed();
      await clock.advance(100);
    }
    equal(feeds, 2);
    await clock.advance(30_000);
    equal(feeds, 2);
    guard.disarm();
    await clock.advance(3000);
    equal(feeds, 3);
  });

  it("passes on what it is told, and ends with the watchdog", async () => {
    guard.arm();
    guard.feed();
    guard.disarm();
    await guard.close();
    await clock.advance(30_000);
    deepEqual([calls, feeds], [["arm", "feed", "disarm", "close"], 0]);
    deepEqual(guard.state, { is: "disarmed" });
  });
});
