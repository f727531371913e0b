import { deepEqual, equal, throws } from "node:assert/strict";
import { pino } from "pino";
import type { OrderRecord } from "../../../src/app/life-cycle/order.js";
import type { SetPointPlan } from "../../../src/app/life-cycle/set-points.js";
import { powerSight, PowerTarget } from "../../../src/app/power-target.js";
import { loadDrivenMachine } from "../../../src/boards/load-machine.js";
import { ManualClock } from "../../../src/lib/clock.js";
import type { MinerError } from "../../../src/lib/errors.js";
import { PowerControl } from "../../../src/power/power-control.js";
import type { Reading } from "../../../src/power/rail-snapshot.js";

describe("which watts a machine is held to", () => {
  let powerW: Reading<number>;
  let isHashing: boolean;
  let record: OrderRecord;
  let shares: number[];

  beforeEach(() => {
    powerW = { value: null, ageS: null, evidence: "none" };
    isHashing = false;
    record = { order: "mine", sinceUnixMs: null };
    shares = [];
  });

  function open(name: string, setPointW?: number): PowerTarget {
    const machine = loadDrivenMachine(name);
    const { min, nominal } = machine.freqMHz;
    const railMv = machine.railMv?.running;
    const setPoints: SetPointPlan = { freqMHz: nominal, railMv, openMv: railMv, sleepMHz: min };
    const order = { freqMHz: nominal, works: true };
    const control = new PowerControl({
      look: () => powerSight({ machine, setPoints, powerW, order: isHashing ? order : undefined }),
      onShare: (sharePct) => shares.push(Math.round(sharePct)),
      ...{ clock: new ManualClock(), log: pino({ level: "silent" }) },
    });
    const target = new PowerTarget({
      ...{ machine, control, setPoints: () => setPoints, setPointW, lastPowerW: () => powerW },
      orders: {
        get record() {
          return record;
        },
        curtailTo: (toW) => {
          record = { ...record, toW };
          return Promise.resolve(true);
        },
      },
    });
    target.start();
    return target;
  }

  const held = (target: PowerTarget): unknown => {
    const { targetW, by } = target.snapshot() ?? {};
    return [targetW, by];
  };

  it("is the owner's, or that of a curtailment when it is less, and none when neither is there", async () => {
    const target = open("s19k-pro", 2000);
    deepEqual(held(target), [2000, "setPoint"]);
    await target.curtailTo(1500);
    deepEqual([held(target), target.isCurtailed], [[1500, "curtail"], true]);
    target.setPoint(1000);
    deepEqual(held(target), [1000, "setPoint"]);
    await target.curtailTo(undefined);
    target.setPoint(undefined);
    deepEqual([target.snapshot(), target.isCurtailed, shares.at(-1)], [null, false, 100]);
  });

  it("is that of a curtailment before the restart", () => {
    record = { ...record, toW: 1200 };
    deepEqual(held(open("s19k-pro")), [1200, "curtail"]);
    // 1200 of 2565 W, at 540 MHz: 250 MHz.
    deepEqual(shares, [46]);
  });

  it("is not less than the machine takes at its lowest clock, by its data", () => {
    const target = open("s19k-pro");
    // 2565 W at 540 MHz, 56.25 MHz the least.
    equal(target.leastW, 268);
    target.assertPossible("toW", 268);
    throws(
      () => {
        target.assertPossible("toW", 267);
      },
      (error: MinerError) => {
        const { field, value, expected } = error.context;
        deepEqual([error.code, field, value], ["POWER_TARGET_REFUSED", "toW", 267]);
        return String(expected).startsWith("at least 268 W");
      },
    );
  });

  it("is judged by what it takes now where the data tell no watts, and refused where nobody can say", () => {
    const target = open("bitaxe-gamma");
    throws(() => {
      target.assertPossible("powerW", 16);
    }, /POWER_TARGET_REFUSED.*nobody knows/);
    powerW = { value: 21, ageS: 0, evidence: "measured" };
    isHashing = true;
    // 400 of 525 MHz.
    equal(target.leastW, 16);
    target.assertPossible("powerW", 16);
    throws(() => {
      target.assertPossible("powerW", 15.9);
    }, /at least 16 W/);
  });
});
