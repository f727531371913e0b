import { deepEqual, equal, rejects } from "node:assert/strict";
import { ManualClock, systemClock } from "../../../src/lib/clock.js";

describe("ManualClock", () => {
  it("stands still until it is moved", async () => {
    const clock = new ManualClock(1_000);
    equal(clock.nowMs(), 0);
    equal(clock.unixMs(), 1_000);
    await clock.advance(250);
    equal(clock.nowMs(), 250);
    equal(clock.unixMs(), 1_250);
  });

  it("wakes in the order of time, each at its own time", async () => {
    const clock = new ManualClock();
    const heard: string[] = [];
    clock.after(20, () => heard.push(`late at ${clock.nowMs()}`));
    clock.after(10, () => heard.push(`early at ${clock.nowMs()}`));
    clock.after(31, () => heard.push("too late"));
    await clock.advance(30);
    deepEqual(heard, ["early at 10", "late at 20"]);
  });

  it("lets a woken sleeper sleep again within one advance", async () => {
    const clock = new ManualClock();
    const heard: number[] = [];
    const work = async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        await clock.sleep(10);
        heard.push(clock.nowMs());
      }
    };
    const done = work();
    await clock.advance(30);
    await done;
    deepEqual(heard, [10, 20, 30]);
  });

  it("does not call what was cancelled", async () => {
    const clock = new ManualClock();
    const heard: string[] = [];
    const cancel = clock.after(10, () => heard.push("called"));
    cancel();
    await clock.advance(20);
    deepEqual(heard, []);
  });
});

for (const [name, makeClock] of [
  ["ManualClock", () => new ManualClock()],
  ["systemClock", () => systemClock],
] as const)
  describe(`${name}, sleeping`, () => {
    it("rejects at once with the reason of a signal that is already aborted", async () => {
      const reason = new Error("before");
      await rejects(makeClock().sleep(60_000, AbortSignal.abort(reason)), reason);
    });

    it("rejects with the reason when aborted on the way", async () => {
      const controller = new AbortController();
      const reason = new Error("on the way");
      const sleeping = makeClock().sleep(60_000, controller.signal);
      controller.abort(reason);
      await rejects(sleeping, reason);
    });
  });

describe("systemClock", () => {
  it("runs forward and fires", async () => {
    const startMs = systemClock.nowMs();
    await new Promise<void>((resolve) => {
      systemClock.after(1, resolve);
    });
    await systemClock.sleep(1);
    equal(systemClock.nowMs() > startMs, true);
  });

  it("does not fire after a cancel", () => {
    const cancel = systemClock.after(60_000, () => {
      throw new Error("fired");
    });
    cancel();
  });
});
