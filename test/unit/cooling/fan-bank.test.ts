import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { FanBank } from "../../../src/cooling/fan-bank.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { settle } from "../power/rail-rig.js";
import { FakePwm, FakeTach } from "./fake-fans.js";

describe("fans", () => {
  let clock: ManualClock;
  let front: FakePwm;
  let rear: FakePwm;
  let tachs: FakeTach[];
  let bank: FanBank;

  beforeEach(() => {
    clock = new ManualClock();
    front = new FakePwm("front");
    rear = new FakePwm("rear");
    tachs = [1, 2, 3, 4].map((fan) => new FakeTach(`fan-${fan}`, 6000));
    bank = open(4);
  });

  function open(needed: number): FanBank {
    return new FanBank({
      groups: [
        { name: "front", output: front, fans: [1, 3] },
        { name: "rear", output: rear, fans: [2, 4] },
      ],
      tachs: tachs.map((tach, index) => ({ fan: index + 1, tach })),
      ...{ needed, minRpm: 5000, clock },
    });
  }

  it("go to the same duty, all of them", async () => {
    await bank.setAll(70);
    deepEqual([front.dutyPct, rear.dutyPct], [70, 70]);
    equal(bank.snapshot().dutyPct, 70);
  });

  it("are set again when that fails", async () => {
    front.failures = 2;
    await bank.setAll(100);
    deepEqual([front.dutyPct, rear.dutyPct], [100, 100]);
  });

  it("are set where it is possible when one group cannot be", async () => {
    front.failures = 99;
    await rejects(bank.setAll(100), { code: "PWM_FAILED" });
    equal(rear.dutyPct, 100);
  });

  it("are proven at full duty", async () => {
    await settle(clock, bank.prove());
    deepEqual([front.dutyPct, rear.dutyPct], [100, 100]);
    ok(bank.facts().every(({ goodAgeS }) => goodAgeS === 0));
  });

  it("are good again when the tach that lied tells the truth", async () => {
    tachs[0]!.rpm = 60_000;
    await settle(clock, bank.prove());
    await clock.advance(15_000);
    await bank.readRpm();
    tachs[0]!.rpm = 6000;
    await bank.readRpm();
    ok(!bank.snapshot().fans[0]!.isGood, "slower than it was learnt to be");
    await settle(clock, bank.prove());
    ok(bank.snapshot().fans[0]!.isGood);
  });

  it("get time to reach their speed", async () => {
    for (const tach of tachs) tach.rpm = 1000;
    const proven = bank.prove();
    await clock.advance(4000);
    for (const tach of tachs) tach.rpm = 5000;
    await settle(clock, proven);
  });

  for (const { title, rpm, error } of [
    {
      title: "a fan that stands",
      rpm: 0,
      error: { code: "FAN_MISSING", context: { fan: 3, rpm: 0 } },
    },
    {
      title: "a fan that is slow",
      rpm: 4999,
      error: { code: "FAN_SLOW", context: { fan: 3, rpm: 4999, minRpm: 5000 } },
    },
    {
      title: "a fan whose tach cannot be read",
      rpm: "fails",
      error: { code: "FAN_MISSING", context: { fan: 3, rpm: null } },
    },
    {
      title: "a fan whose tach does not answer",
      rpm: "hangs",
      error: { code: "FAN_MISSING", context: { fan: 3, rpm: null } },
    },
  ] as const)
    it(`name ${title}, within twenty seconds`, async () => {
      tachs[2]!.rpm = rpm;
      await rejects(settle(clock, bank.prove()), error);
      ok(clock.nowMs() < 20_000);
    });

  it("may have sockets without a fan", async () => {
    bank = open(2);
    tachs[0]!.rpm = 0;
    tachs[3]!.rpm = "fails";
    await settle(clock, bank.prove());
  });

  it("name the slow fan and not the empty socket", async () => {
    bank = open(3);
    tachs[0]!.rpm = 0;
    tachs[2]!.rpm = 3000;
    await rejects(settle(clock, bank.prove()), { code: "FAN_SLOW", message: /fan=3/ });
  });

  it("need tachs to be proven", async () => {
    bank = open(5);
    await rejects(settle(clock, bank.prove()), { code: "HARDWARE_MISSING" });
  });

  it("are not needed for liquid cooling", async () => {
    tachs = [];
    bank = open(0);
    await settle(clock, bank.prove());
  });

  it("end the proof when the caller gives up", async () => {
    tachs[0]!.rpm = 0;
    const stop = new AbortController();
    const proven = bank.prove(stop.signal);
    const reason = new Error("stopped");
    await clock.advance(1000);
    stop.abort(reason);
    await rejects(proven, reason);
  });

  it("tell how long ago each was last fast enough", async () => {
    await settle(clock, bank.prove());
    tachs[1]!.rpm = 100;
    await clock.advance(3000);
    await bank.readRpm();
    const [first, second] = bank.facts();
    deepEqual([first?.rpm, first?.goodAgeS], [6000, 0]);
    deepEqual([second?.rpm, second?.goodAgeS], [100, 3]);
    deepEqual(
      bank.snapshot().fans.map(({ isGood }) => isGood),
      [true, false, true, true],
    );
  });

  it("do not keep a speed that cannot be read any more", async () => {
    await settle(clock, bank.prove());
    tachs[1]!.rpm = "fails";
    await bank.readRpm();
    const fan = bank.snapshot().fans[1];
    deepEqual([fan?.rpm, fan?.isGood, fan?.trouble?.code], [null, false, "TACH_FAILED"]);
  });
});
