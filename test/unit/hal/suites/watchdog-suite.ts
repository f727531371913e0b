import { equal, rejects } from "node:assert/strict";
import type { Watchdog } from "../../../../src/hal/hardware.js";
import { failsWith } from "./errors.js";

export interface WatchdogRig {
  open(timeoutS: number): Promise<Watchdog>;
  /** How often it was fed, and whether it would still bite. */
  feedings(): number;
  isArmed(): boolean;
  /** It is not there. */
  remove(): Promise<void>;
  close(): Promise<void>;
}

/** What every watchdog keeps, whatever it hangs on. */
export function describeWatchdog(title: string, makeRig: () => Promise<WatchdogRig>): void {
  describe(`watchdog: ${title}`, () => {
    let rig: WatchdogRig;

    beforeEach(async () => {
      rig = await makeRig();
    });

    afterEach(() => rig.close());

    it("is armed by opening, kept by feeding and disarmed by closing", async () => {
      const watchdog = await rig.open(30);
      equal(watchdog.timeoutS, 30);
      equal(rig.isArmed(), true);
      await watchdog.feed();
      await watchdog.feed();
      equal(rig.feedings(), 2);
      equal(rig.isArmed(), true);
      await watchdog.close();
      equal(rig.isArmed(), false);
    });

    it("is named when it is not there", async () => {
      await rig.remove();
      await rejects(rig.open(30), failsWith("WATCHDOG_UNAVAILABLE"));
    });

    it("cannot be fed once it is closed", async () => {
      const watchdog = await rig.open(30);
      await watchdog.close();
      await rejects(watchdog.feed(), failsWith("WATCHDOG_FAILED"));
    });
  });
}
