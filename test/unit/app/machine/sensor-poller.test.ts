import { equal, ok } from "node:assert/strict";
import type { FittedSlot } from "../../../../src/app/machine/fitted-machine.js";
import { SensorPoller } from "../../../../src/app/machine/sensor-poller.js";
import { ManualClock } from "../../../../src/lib/clock.js";

/** A slot whose one sensor answers a reading `tookMs` after it was asked. */
function slowSlot(
  clock: ManualClock,
  tookMs: number,
): { slot: FittedSlot; counts: { begun: number; ended: number; most: number } } {
  const counts = { begun: 0, ended: 0, most: 0 };
  const readTempC = async (): Promise<number> => {
    counts.begun += 1;
    counts.most = Math.max(counts.most, counts.begun - counts.ended);
    await clock.sleep(tookMs);
    counts.ended += 1;
    return 40;
  };
  const sensor = { part: "tmp75", place: "inlet", readTempC } as const;
  const slot: FittedSlot = {
    ...{ slot: 1, plug: 1, eeprom: undefined, controller: undefined, controllerVersion: undefined },
    sensors: [{ sensor, place: "inlet", isDie: false }],
    verdict: { is: "usable" },
    warnings: [],
  };
  return { slot, counts };
}

describe("readings of the sensors of a slot", () => {
  it("do not pile up behind one that is late, and count when they come", async () => {
    const clock = new ManualClock();
    const { slot, counts } = slowSlot(clock, 2900);
    const poller = new SensorPoller(slot, clock, () => undefined);
    poller.start();
    await clock.advance(20_000);
    equal(counts.most, 1);
    ok(counts.ended >= 5, `${counts.ended} readings`);
    const [fact] = poller.facts();
    ok(fact !== undefined);
    equal(fact.tempC, 40);
    ok(fact.ageS < 5, `${fact.ageS} s old`);
    equal(fact.trouble, undefined);
    const stopped = poller.stop();
    await clock.advance(5000);
    await stopped;
  });

  it("name a sensor that never comes back with an answer", async () => {
    const clock = new ManualClock();
    const poller = new SensorPoller(slowSlot(clock, Infinity).slot, clock, () => undefined);
    poller.start();
    await clock.advance(10_000);
    equal(poller.facts()[0]?.trouble, "SENSOR_SILENT");
    equal(poller.facts()[0]?.ageS, Infinity);
    const stopped = poller.stop();
    await clock.advance(5000);
    await stopped;
  });
});
