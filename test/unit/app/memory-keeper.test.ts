import { deepEqual, equal, ok } from "node:assert/strict";
import { heapCollector, MemoryKeeper } from "../../../src/app/memory-keeper.js";
import { ManualClock } from "../../../src/lib/clock.js";

const MB = 2 ** 20;

describe("memory keeper", () => {
  let clock: ManualClock;
  let heapUsed: number;
  let log: string[];
  let keeper: MemoryKeeper;
  beforeEach(() => {
    clock = new ManualClock();
    heapUsed = 14 * MB;
    log = [];
    keeper = new MemoryKeeper({
      heapUsed: () => heapUsed,
      collect: () => {
        log.push("collect");
        heapUsed = 10 * MB;
        return Promise.resolve();
      },
      release: () => log.push("release"),
      clock,
    });
    keeper.start();
  });

  it("collects when the heap grew by 4 MB since it was collected last, and then gives the C heap back", async () => {
    await clock.advance(10_000);
    deepEqual(log, ["collect", "release"]);
    heapUsed = 13.9 * MB;
    await clock.advance(60_000);
    equal(log.length, 2);
    heapUsed = 14 * MB;
    await clock.advance(10_000);
    deepEqual(log, ["collect", "release", "collect", "release"]);
  });

  it("counts from the least that was in use, also where nobody asked for that", async () => {
    await clock.advance(10_000);
    heapUsed = 8 * MB;
    await clock.advance(10_000);
    heapUsed = 12 * MB;
    await clock.advance(10_000);
    deepEqual(log, ["collect", "release", "collect", "release"]);
  });

  it("leaves everything alone once it is stopped", async () => {
    keeper.stop();
    await clock.advance(60_000);
    deepEqual(log, []);
  });

  it("collects for real", async () => {
    const collect = heapCollector();
    const garbage = new WeakRef({});
    // A weak reference holds until the turn ends in which it was made.
    await new Promise((resolve) => setImmediate(resolve));
    await collect();
    ok(garbage.deref() === undefined);
  });
});
