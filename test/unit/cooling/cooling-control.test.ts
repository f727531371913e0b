import { deepEqual, equal, ok } from "node:assert/strict";
import { CoolingControl } from "../../../src/cooling/cooling-control.js";
import { FanBank } from "../../../src/cooling/fan-bank.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { createLogger } from "../../../src/lib/logger.js";
import { at, PLAN, QUIET } from "./cooling-rig.js";
import { FakePwm, FakeTach } from "./fake-fans.js";

/** A clock of a program that can be held up. */
class HeldClock extends ManualClock {
  heldMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.heldMs;
  }
}

describe("loop of the cooling", () => {
  let clock: HeldClock;
  let pwm: FakePwm;
  let bank: FanBank;
  let control: CoolingControl;
  let tempC: number;
  let shares: number[];
  let slowFan: FakeTach;

  beforeEach(async () => {
    clock = new HeldClock();
    tempC = 58;
    shares = [];
    pwm = new FakePwm("front");
    const tachs = [1, 2, 3, 4].map((fan) => ({ fan, tach: new FakeTach(`fan-${fan}`, 6500) }));
    for (const { tach } of tachs) tach.follows = pwm;
    slowFan = tachs[0]!.tach;
    const options = { tachs, needed: 4, minRpm: 5000, maxRpm: 7900, clock };
    bank = new FanBank({
      groups: [{ name: "front", output: pwm, fans: [1, 2, 3, 4] }],
      ...options,
    });
    control = new CoolingControl({
      ...{ plan: PLAN, fans: bank, clock, log: createLogger("silent") },
      facts: () => ({ isPowered: true, slots: [0], temperatures: [at(tempC, { ageS: 0.2 })] }),
    });
    control.connect({ powerW: () => 2565, onPowerShare: (share) => shares.push(share) });
    await bank.setAll(100);
    control.start();
    await run(40);
  });

  async function run(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await bank.readRpm();
      await clock.advance(1000);
    }
  }

  it("decides once a second, and drives what it decided", async () => {
    const before = control.snapshot().dutyPct;
    ok(before < 100);
    equal(pwm.dutyPct, before);
    tempC = 66;
    await run(1);
    equal(pwm.dutyPct, 100);
  });

  it("drives full when it was held up, counting from when it was due", async () => {
    clock.heldMs = 4000;
    await run(1);
    const { dutyPct, trouble } = control.snapshot();
    deepEqual([dutyPct, trouble?.code, pwm.dutyPct], [100, "COOLING_LATE", 100]);
    await run(40);
    ok(pwm.dutyPct < 100);
  });

  it("does not call itself late after being as late as that once", async () => {
    clock.heldMs = 4000;
    await run(3);
    equal(control.snapshot().trouble, null);
  });

  it("leaves the duty to who proves the fans", async () => {
    slowFan.rpm = 1000;
    const proof = bank.prove();
    await clock.advance(500);
    pwm.dutyPct = 77;
    await clock.advance(3000);
    deepEqual([pwm.dutyPct, control.snapshot().dutyPct], [77, 100]);
    slowFan.rpm = 9000;
    await clock.advance(1000);
    await proof;
    await clock.advance(1000);
    equal(pwm.dutyPct, 100);
  });

  it("tells that fans cannot be set, and tries again", async () => {
    pwm.failures = 6;
    await run(1);
    equal(control.snapshot().trouble?.code, "PWM_FAILED");
    await run(3);
    equal(control.snapshot().trouble, null);
    equal(pwm.dutyPct, control.snapshot().dutyPct);
  });

  it("says once how much of the clock there may be, each time that it changes", async () => {
    tempC = 70;
    await run(11);
    deepEqual(shares, [90, 80]);
  });

  it("follows other wishes from its next decision on, and is full at the warning all the same", async () => {
    control.follow(QUIET);
    tempC = 62;
    await run(40);
    const { dutyPct, quietCapPct, reason } = control.snapshot();
    deepEqual([dutyPct, quietCapPct, reason], [50, 50, "quietCap"]);
    tempC = 65;
    await run(1);
    equal(pwm.dutyPct, 100);
  });

  it("leaves fans full when it ends on a machine that runs", async () => {
    await control.stop();
    equal(pwm.dutyPct, 100);
    tempC = 40;
    await run(30);
    equal(pwm.dutyPct, 100);
  });
});
