import { equal, ok } from "node:assert/strict";
import { ManualClock } from "../../../src/lib/clock.js";
import { HashrateMeter } from "../../../src/mining/hashrate-meter.js";

/** One nonce a second at ticket difficulty 256: 256 x 2^32 hashes a second. */
const THS = (256 * 2 ** 32) / 1e12;

describe("hashrate meter", () => {
  let clock: ManualClock;
  let meter: HashrateMeter;

  beforeEach(() => {
    clock = new ManualClock();
    meter = new HashrateMeter(clock);
  });

  async function mine(seconds: number, noncesPerS = 1): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      meter.add(noncesPerS, 256);
      await clock.advance(1000);
    }
  }

  it("says 0 before anything was found, and before any time has passed", async () => {
    equal(meter.meanThs(), 0);
    meter.add(1, 256);
    equal(meter.meanThs(), 0);
    equal(meter.recentThs(60), 0);
    meter.restart();
    await clock.advance(5000);
    equal(meter.meanThs(), 0);
    equal(meter.uncertaintyThs(), 0);
  });

  it("counts each nonce as its ticket difficulty times 2^32 hashes", async () => {
    await mine(10);
    isNear(meter.meanThs(), THS);
    meter.add(10, 512);
    isNear(meter.meanThs(), 3 * THS);
  });

  it("is as uncertain as a Poisson count", async () => {
    await mine(100);
    isNear(meter.uncertaintyThs(), THS / 10);
  });

  it("looks back over whole seconds, no further than asked and no further than the start", async () => {
    await mine(30, 1);
    await mine(10, 3);
    isNear(meter.recentThs(10), 3 * THS);
    isNear(meter.recentThs(20), 2 * THS);
    isNear(meter.recentThs(60), 1.5 * THS);
  });

  it("leaves the second that is not over out of the recent rate", async () => {
    await mine(10);
    meter.add(1000, 256);
    await clock.advance(500);
    isNear(meter.recentThs(10), THS);
  });

  it("forgets what is older than its memory, also after a long silence", async () => {
    await mine(10);
    await clock.advance(2000 * 1000);
    equal(meter.recentThs(899), 0);
    await mine(5);
    isNear(meter.recentThs(5), THS);
    isNear(meter.recentThs(10), THS / 2);
  });

  it("keeps the right seconds when its memory is full", async () => {
    await mine(1000, 2);
    await mine(100, 1);
    isNear(meter.recentThs(100), THS);
    isNear(meter.recentThs(200), 1.5 * THS);
    isNear(meter.recentThs(5000), (THS * (100 + 799 * 2)) / 899);
  });

  it("starts anew when the chain did", async () => {
    await mine(10, 5);
    meter.restart();
    await mine(10, 1);
    isNear(meter.meanThs(), THS);
    isNear(meter.recentThs(900), THS);
  });
});

function isNear(value: number, wanted: number): void {
  ok(Math.abs(value - wanted) < 1e-9, `${value} is not ${wanted}`);
}
