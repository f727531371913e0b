import { equal, ok, rejects } from "node:assert/strict";
import type { FanGroup, FanTach } from "../../../../src/boards/schema/control-board.js";
import type { PwmOutput, Tach } from "../../../../src/hal/fan-hardware.js";
import type { ManualClock } from "../../../../src/lib/clock.js";
import { failsWith } from "./errors.js";

const NEAR_PCT = 0.01;
const source = { evidence: "documented", source: "test" } as const;

export type PwmPlace = FanGroup["pwm"];

export interface PwmRig {
  readonly place: PwmPlace;
  readonly missing: PwmPlace;
  open(group: FanGroup): Promise<PwmOutput>;
  /** Part of the time for which the signal is high; undefined while it is off. */
  highPct(): number | undefined;
  breakOutput(): void;
  close(): Promise<void>;
}

/** What every PWM output keeps, whatever it hangs on. */
export function describePwm(title: string, makeRig: () => Promise<PwmRig>): void {
  describe(`PWM: ${title}`, () => {
    let rig: PwmRig;

    beforeEach(async () => {
      rig = await makeRig();
    });

    afterEach(() => rig.close());

    const group = (changes: Partial<FanGroup> = {}): FanGroup => ({
      ...{ name: "rear", pwm: rig.place, periodNs: 100_000, fans: [1], ...source },
      ...changes,
    });
    const isNear = (actual: number | undefined, wanted: number): void => {
      ok(actual !== undefined && Math.abs(actual - wanted) < NEAR_PCT, String(actual));
    };

    it("makes nothing of a signal before it is told a duty", async () => {
      const before = rig.highPct();
      await rig.open(group());
      equal(rig.highPct(), before);
    });

    for (const duty of [0, 30, 100])
      it(`is high for ${String(duty)} % of the time at that duty, and tells it`, async () => {
        const pwm = await rig.open(group());
        await pwm.setDutyPct(duty);
        isNear(rig.highPct(), duty);
        isNear(await pwm.readDutyPct(), duty);
      });

    for (const duty of [0, 30, 100])
      it(`is low for ${String(duty)} % of the time where the signal is inverted`, async () => {
        const pwm = await rig.open(group({ inverted: true }));
        await pwm.setDutyPct(duty);
        isNear(rig.highPct(), 100 - duty);
        isNear(await pwm.readDutyPct(), duty);
      });

    it("changes to a shorter and a longer period", async () => {
      await (await rig.open(group())).setDutyPct(90);
      for (const periodNs of [10_000, 1_000_000]) {
        const pwm = await rig.open(group({ periodNs }));
        await pwm.setDutyPct(40);
        isNear(rig.highPct(), 40);
        isNear(await pwm.readDutyPct(), 40);
      }
    });

    it("refuses a duty that is none, and keeps the last", async () => {
      const pwm = await rig.open(group());
      await pwm.setDutyPct(50);
      for (const wrong of [-1, 101, Number.NaN, Number.POSITIVE_INFINITY])
        await rejects(pwm.setDutyPct(wrong), failsWith("FIELD_INVALID"));
      isNear(rig.highPct(), 50);
    });

    it("leaves the fans as they are when it is closed", async () => {
      const pwm = await rig.open(group());
      await pwm.setDutyPct(70);
      await pwm.close();
      isNear(rig.highPct(), 70);
    });

    it("names an output that is not there, and one that fails", async () => {
      await rejects(rig.open(group({ pwm: rig.missing })), failsWith("PWM_UNAVAILABLE"));
      const pwm = await rig.open(group());
      rig.breakOutput();
      await rejects(pwm.setDutyPct(100), failsWith("PWM_FAILED"));
    });
  });
}

export interface TachRig {
  readonly place: FanTach["tach"];
  readonly missing: FanTach["tach"];
  readonly clock: ManualClock;
  open(tach: FanTach): Promise<Tach>;
  /** The fan gives so many pulses a second; 0 stands still. */
  turn(pulsesPerS: number): void;
  breakTach(): void;
  close(): Promise<void>;
}

/** What every tach keeps, whatever it hangs on. */
export function describeTach(title: string, makeRig: () => Promise<TachRig>): void {
  describe(`tach: ${title}`, () => {
    let rig: TachRig;
    let tach: Tach;

    beforeEach(async () => {
      rig = await makeRig();
      rig.turn(100);
      tach = await rig.open({ fan: 3, tach: rig.place, pulsesPerTurn: 2, ...source });
    });

    afterEach(() => rig.close());

    /** Lets a reading take its time. */
    const rpm = async (): Promise<number> => {
      const reading = tach.readRpm();
      let ended = 0;
      const count = (): number => ended++;
      reading.then(count, count);
      for (let ms = 0; ms < 1000 && ended === 0; ms++) {
        await new Promise((resolve) => setImmediate(resolve));
        await rig.clock.advance(1);
      }
      return reading;
    };

    for (const [pulsesPerS, wanted] of [
      [20, 600],
      [200, 6000],
      [250, 7500],
    ] as const)
      it(`reads ${String(wanted)} turns a minute from ${String(pulsesPerS)} pulses a second`, async () => {
        rig.turn(pulsesPerS);
        const read = await rpm();
        ok(Math.abs(read - wanted) < wanted / 50, String(read));
      });

    it("reads 0 from a fan that stands still, and its speed when it turns again", async () => {
      rig.turn(0);
      equal(await rpm(), 0);
      rig.turn(200);
      ok((await rpm()) > 5800);
      rig.turn(0);
      equal(await rpm(), 0);
    });

    it("knows how many pulses make a turn", async () => {
      rig.turn(100);
      const two = await rpm();
      await tach.close();
      tach = await rig.open({ fan: 3, tach: rig.place, pulsesPerTurn: 4, ...source });
      ok(Math.abs((await rpm()) * 2 - two) < two / 20);
    });

    it("names a tach that is not there, and one that fails", async () => {
      await rejects(
        rig.open({ fan: 4, tach: rig.missing, pulsesPerTurn: 2, ...source }),
        failsWith("TACH_UNAVAILABLE"),
      );
      rig.breakTach();
      await rejects(rpm(), failsWith("TACH_FAILED"));
    });
  });
}
