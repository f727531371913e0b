import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { ManualClock } from "../../../src/lib/clock.js";
import { MinerError } from "../../../src/lib/errors.js";
import type { RailOptions } from "../../../src/power/rail.js";
import { FakeSupply } from "./fake-supply.js";
import { railRig, settle, type RailRig } from "./rail-rig.js";

describe("rail", () => {
  let clock: ManualClock;
  let supply: FakeSupply;
  let rig: RailRig;

  beforeEach(async () => {
    clock = new ManualClock();
    supply = new FakeSupply(clock);
    await open();
  });

  afterEach(() => {
    rig.rail.close();
    rig.interlock.close();
  });

  async function open(changes: Partial<RailOptions> = {}): Promise<void> {
    rig = await railRig(clock, supply, (isOn) => (supply.isOn = isOn), changes);
  }

  const run = <Result>(work: Promise<Result>): Promise<Result> => settle(clock, work);

  async function switchOn(railMv = 13_200): Promise<void> {
    await run(rig.rail.prepare(railMv));
    await run(rig.rail.switchOn());
  }

  describe("before it is on", () => {
    it("is set and read back", async () => {
      await run(rig.rail.prepare(13_200));
      deepEqual(supply.asked, ["set", "setpoint"]);
      const { setpoint } = rig.rail;
      equal(setpoint.is === "verified" && Math.abs(setpoint.railMv - 13_200) < 13, true);
      equal(supply.isOn, false);
    });

    it("believes the reading, not the refusal", async () => {
      supply.requestTroubles.push("refusesAndApplies");
      await run(rig.rail.prepare(13_200));
      equal(rig.rail.setpoint.is, "verified");
      deepEqual(supply.requested, [13_200]);
    });

    it("asks again when a voltage was echoed and not applied", async () => {
      supply.requestTroubles.push("echoesAndIgnores");
      await run(rig.rail.prepare(13_200));
      equal(rig.rail.setpoint.is, "verified");
      deepEqual(supply.requested, [13_200, 13_200]);
    });

    it("gives a supply up that does not hold what it is told", async () => {
      supply.requestTroubles.push("appliesMore", "appliesMore", "appliesMore");
      await rejects(run(rig.rail.prepare(13_200)), { code: "PSU_READBACK_MISMATCH" });
      equal(rig.rail.setpoint.is, "wrong");
      await rejects(run(rig.rail.switchOn()), { code: "COMMAND_REFUSED" });
      equal(supply.isOn, false);
    });

    it("is never enabled on an unread setpoint", async () => {
      supply.setpointTroubles.push("silent", "silent", "silent");
      await rejects(run(rig.rail.prepare(13_200)), { code: "PSU_NO_ANSWER" });
      equal(rig.rail.setpoint.is, "unread");
      await rejects(run(rig.rail.switchOn()), { code: "COMMAND_REFUSED" });
      equal(supply.isOn, false);
    });

    it("is never enabled on what a failed request left, even when it was good before", async () => {
      await run(rig.rail.prepare(13_200));
      supply.isSilent = true;
      await rejects(run(rig.rail.prepare(14_000)), { code: "PSU_NO_ANSWER" });
      supply.isSilent = false;
      await rejects(run(rig.rail.switchOn()), { code: "COMMAND_REFUSED" });
      equal(supply.isOn, false);
    });

    it("is never enabled where the setpoint cannot be read at all", async () => {
      supply.readSetpointMv = undefined;
      await open();
      await rejects(run(rig.rail.prepare(13_200)), { code: "PSU_READBACK_MISMATCH" });
      deepEqual(supply.requested, []);
    });

    it("needs no setting where the supply has one voltage", async () => {
      supply.readSetpointMv = undefined;
      Object.assign(supply, { rangeMv: { min: 12_000, max: 12_000 } });
      await open();
      await switchOn(12_000);
      equal(supply.isOn, true);
      deepEqual(supply.requested, []);
    });

    for (const railMv of [11_999, 15_001])
      it(`refuses ${railMv} mV without telling the supply`, async () => {
        await rejects(run(rig.rail.prepare(railMv)), { code: "PSU_VOLTAGE_OUT_OF_RANGE" });
        deepEqual(supply.asked, []);
      });

    it("keeps to the supply's range where it is the narrower one", async () => {
      Object.assign(supply, { rangeMv: { min: 12_500, max: 14_000 } });
      await rejects(run(rig.rail.prepare(14_500)), {
        code: "PSU_VOLTAGE_OUT_OF_RANGE",
        context: { railMv: 14_500, minMv: 12_500, maxMv: 14_000 },
      });
    });

    it("is not set a second time when that was verified just now", async () => {
      await run(rig.rail.prepare(13_200));
      await run(rig.rail.prepare(13_200));
      deepEqual(supply.requested, [13_200]);
    });

    it("is set again when the reading has become old", async () => {
      await run(rig.rail.prepare(13_200));
      await clock.advance(21_000);
      await run(rig.rail.prepare(13_200));
      deepEqual(supply.requested, [13_200, 13_200]);
    });
  });

  describe("when it is switched on", () => {
    it("is ready as soon as the output is measured as right", async () => {
      await run(rig.rail.prepare(13_200));
      const startMs = clock.nowMs();
      await run(rig.rail.switchOn());
      equal(supply.isOn, true);
      ok(clock.nowMs() - startMs <= 4500, "one round for what is left, one for the output");
    });

    it("waits as long as a supply needs whose output cannot be measured", async () => {
      supply.measureNothing();
      await open({ timing: { readyMs: 5000, evidence: "documented", source: "test" } });
      await run(rig.rail.prepare(13_200));
      await clock.advance(30_000);
      const on = rig.rail.switchOn();
      let isReady = false;
      void on.then(() => (isReady = true));
      await clock.advance(2000);
      equal(supply.isOn, true);
      await clock.advance(4999);
      equal(isReady, false);
      await clock.advance(1);
      equal(isReady, true);
    });

    it("reads an old setpoint again first", async () => {
      await run(rig.rail.prepare(13_200));
      await clock.advance(40_000);
      await run(rig.rail.switchOn());
      equal(supply.isOn, true);
      deepEqual(supply.asked.slice(2), ["output", "setpoint", "output"]);
    });

    it("stays off when the supply forgot its setpoint seconds ago", async () => {
      await run(rig.rail.prepare(13_200));
      await clock.advance(4000);
      supply.setpointMv = 15_000;
      await rejects(run(rig.rail.switchOn()), { code: "COMMAND_REFUSED" });
      equal(supply.isOn, false);
      await run(rig.rail.prepare(13_200));
      await run(rig.rail.switchOn());
      equal(supply.setpointMv, 13_195);
      equal(supply.isOn, true);
    });

    it("is cut when the output is higher than it was set to", async () => {
      supply.onMv = 15_200;
      await run(rig.rail.prepare(13_200));
      await rejects(run(rig.rail.switchOn()), { code: "PSU_OUTPUT_WRONG" });
      equal(supply.isOn, false);
      equal(rig.interlock.trip?.code, "PSU_OUTPUT_WRONG");
    });

    it("is cut when the output does not come", async () => {
      supply.onMv = 300;
      await run(rig.rail.prepare(13_200));
      const startMs = clock.nowMs();
      await rejects(run(rig.rail.switchOn()), { code: "PSU_OUTPUT_WRONG" });
      equal(supply.isOn, false);
      ok(clock.nowMs() - startMs < 20_000);
    });

    it("bears an output that is half a volt off", async () => {
      supply.onMv = 13_650;
      await switchOn();
      equal(supply.isOn, true);
    });

    it("is cut when nobody answers about the output", async () => {
      await run(rig.rail.prepare(13_200));
      const on = rig.rail.switchOn();
      await clock.advance(2500);
      equal(supply.isOn, true);
      supply.isSilent = true;
      await rejects(run(on), { code: "PSU_OUTPUT_WRONG" });
      equal(supply.isOn, false);
    });

    it("is off when the caller gives up", async () => {
      await run(rig.rail.prepare(13_200));
      const stop = new AbortController();
      const on = rig.rail.switchOn(stop.signal);
      await clock.advance(2500);
      equal(supply.isOn, true);
      stop.abort(new MinerError("CHAIN_CLOSED", {}));
      await rejects(run(on), { code: "CHAIN_CLOSED" });
      equal(supply.isOn, false);
    });

    it("ends with the trip when power is cut meanwhile", async () => {
      await run(rig.rail.prepare(13_200));
      const on = rig.rail.switchOn();
      await clock.advance(2500);
      await rig.interlock.cut(new MinerError("TEMPERATURE_CUT", {}));
      await rejects(run(on), { code: "TEMPERATURE_CUT" });
      equal(supply.isOn, false);
    });
  });

  describe("after it was on", () => {
    it("waits until what was there is gone, as measured", async () => {
      supply.leftMv = 13_000;
      await run(rig.rail.prepare(13_200));
      const on = run(rig.rail.switchOn());
      await clock.advance(6000);
      equal(supply.isOn, false);
      supply.leftMv = 900;
      await on;
      equal(supply.isOn, true);
    });

    it("waits half a minute where it cannot be measured", async () => {
      supply.measureNothing();
      await open();
      await run(rig.rail.prepare(13_200));
      const on = rig.rail.switchOn();
      await clock.advance(30_000 - clock.nowMs() - 1);
      equal(supply.isOn, false);
      await run(on);
      equal(supply.isOn, true);
    });

    it("waits half a minute when the supply does not answer", async () => {
      await run(rig.rail.prepare(13_200));
      supply.readOutputMv = () => Promise.reject(new MinerError("PSU_NO_ANSWER", {}));
      await open();
      await run(rig.rail.prepare(13_200));
      const startMs = clock.nowMs();
      await rejects(run(rig.rail.switchOn()), { code: "PSU_OUTPUT_WRONG" });
      ok(clock.nowMs() - startMs > 25_000);
    });

    it("does not switch on a rail that is still fed", async () => {
      supply.leftMv = 13_000;
      await run(rig.rail.prepare(13_200));
      await rejects(run(rig.rail.switchOn()), { code: "PSU_NOT_OFF" });
      equal(supply.isOn, false);
    });

    it("goes on after half a minute with a rail that is nearly empty", async () => {
      supply.leftMv = 3000;
      await run(rig.rail.prepare(13_200));
      await run(rig.rail.switchOn());
      equal(supply.isOn, true);
      ok(clock.nowMs() >= 30_000);
    });

    it("needs no measurement when it was measured as empty since", async () => {
      await switchOn();
      await rig.rail.switchOff("curtail");
      await clock.advance(6000);
      await run(rig.rail.poll());
      supply.asked.length = 0;
      await run(rig.rail.switchOn());
      deepEqual(supply.asked, ["setpoint", "output"], "not what is left");
    });

    it("asks the supply little, so that its bus is free", async () => {
      await switchOn();
      await rig.rail.switchOff("curtail");
      supply.asked.length = 0;
      for (let second = 0; second < 30; second += 1) {
        await run(rig.rail.poll());
        await clock.advance(1000);
      }
      ok(supply.asked.length >= 4 && supply.asked.length <= 6, String(supply.asked.length));
      deepEqual([...new Set(supply.asked)].sort(), ["output", "setpoint"]);
    });

    it("confirms that the output is empty by a measurement", async () => {
      await switchOn();
      await rig.rail.switchOff("curtail");
      supply.leftMv = 8000;
      const confirmed = rig.rail.confirmOff();
      await clock.advance(3000);
      supply.leftMv = 200;
      equal(await run(confirmed), 200);
    });

    it("confirms nothing where it cannot be measured", async () => {
      supply.measureNothing();
      await open();
      equal(await run(rig.rail.confirmOff()), undefined);
    });
  });

  it("is switched off at once, whatever the supply's data line does", async () => {
    await switchOn();
    const changing = rig.rail.changeTo(15_000);
    await clock.advance(100);
    const startMs = clock.nowMs();
    await rig.rail.switchOff("curtail");
    equal(clock.nowMs(), startMs);
    equal(supply.isOn, false);
    await rejects(run(changing), { code: "COMMAND_REFUSED" });
  });

  describe("while it is on", () => {
    it("moves in steps of at most half a volt, each read back and measured", async () => {
      await switchOn(15_000);
      supply.requested.length = 0;
      supply.asked.length = 0;
      await run(rig.rail.changeTo(13_200));
      equal(supply.requested.length, 4);
      equal(supply.requested.at(-1), 13_200);
      let fromMv = 15_000;
      for (const toMv of supply.requested) {
        ok(Math.abs(fromMv - toMv) <= 520, String(toMv));
        fromMv = toMv;
      }
      deepEqual(supply.asked, Array<string[]>(4).fill(["set", "setpoint", "output"]).flat());
      equal(rig.interlock.isOn, true);
    });

    it("waits for an output that comes down slowly", async () => {
      await switchOn(15_000);
      supply.onMv = 15_100;
      const change = rig.rail.changeTo(14_500);
      await clock.advance(8000);
      equal(supply.requested.length, 2);
      supply.onMv = undefined;
      await run(change);
      equal(rig.interlock.isOn, true);
    });

    it("is cut when the output does not follow", async () => {
      await switchOn(15_000);
      supply.onMv = 15_100;
      await rejects(run(rig.rail.changeTo(14_500)), { code: "PSU_OUTPUT_WRONG" });
      equal(supply.isOn, false);
    });

    for (const [what, onMv] of Object.entries({ gone: 4000, "too high": 15_600 }))
      it(`is cut at once when the output is ${what} in a move`, async () => {
        await switchOn(15_000);
        supply.onMv = onMv;
        const change = rejects(run(rig.rail.changeTo(14_500)), { code: "PSU_OUTPUT_WRONG" });
        // Set, read back, measured twice: rounds of two seconds.
        await clock.advance(9000);
        equal(supply.isOn, false);
        await change;
      });

    it("bears one low measurement in a move", async () => {
      await switchOn(15_000);
      supply.onMv = 4000;
      const change = rig.rail.changeTo(14_500);
      await clock.advance(7000);
      supply.onMv = undefined;
      await run(change);
      equal(rig.interlock.isOn, true);
    });

    it("goes to the voltage for opening cores and to the running one", async () => {
      await run(rig.rail.toOpen());
      equal(Math.abs(supply.setpointMv - 15_000) < 13, true);
      await run(rig.rail.switchOn());
      await run(rig.rail.toRunning());
      equal(Math.abs(supply.setpointMv - 13_200) < 13, true);
    });

    it("refuses a voltage that the machine does not bear, and stays as it is", async () => {
      await switchOn();
      await rejects(run(rig.rail.changeTo(15_500)), { code: "PSU_VOLTAGE_OUT_OF_RANGE" });
      equal(rig.interlock.isOn, true);
      deepEqual(supply.requested, [13_200]);
    });

    it("cannot be prepared", async () => {
      await switchOn();
      await rejects(run(rig.rail.prepare(14_000)), { code: "COMMAND_REFUSED" });
    });

    it("is cut when the supply goes where it was not sent", async () => {
      await switchOn();
      supply.requestTroubles.push("appliesMore", "appliesMore", "appliesMore");
      await rejects(run(rig.rail.changeTo(13_600)), { code: "PSU_READBACK_MISMATCH" });
      await clock.advance(1000);
      equal(supply.isOn, false);
      equal(rig.interlock.trip?.code, "PSU_READBACK_MISMATCH");
    });

    it("is cut when nobody can tell where a move ended", async () => {
      await switchOn();
      const change = rig.rail.changeTo(13_600);
      supply.isSilent = true;
      await rejects(run(change), { code: "PSU_NO_ANSWER" });
      await clock.advance(1000);
      equal(supply.isOn, false);
    });

    it("stays where it got to when a change is ended", async () => {
      await switchOn(15_000);
      const stop = new AbortController();
      const change = rig.rail.changeTo(13_200, stop.signal);
      await clock.advance(4500);
      stop.abort(new MinerError("CHAIN_CLOSED", {}));
      await rejects(run(change), { code: "CHAIN_CLOSED" });
      equal(rig.rail.setpoint.is, "verified");
      await clock.advance(10_000);
      equal(rig.interlock.isOn, true);
    });

    it("is cut when the output is measured as wrong twice", async () => {
      await switchOn();
      supply.onMv = 11_000;
      await run(rig.rail.poll());
      equal(rig.interlock.isOn, true);
      // Before anything else is asked.
      await run(rig.rail.poll());
      equal(supply.isOn, false);
      equal(rig.interlock.trip?.code, "PSU_OUTPUT_WRONG");
    });

    it("bears one wrong measurement", async () => {
      await switchOn();
      supply.onMv = 11_000;
      await run(rig.rail.poll());
      supply.onMv = undefined;
      for (let poll = 0; poll < 9; poll += 1) await run(rig.rail.poll());
      equal(rig.interlock.isOn, true);
    });

    it("is cut when the supply loses its setpoint", async () => {
      await switchOn();
      supply.setpointMv = 12_000;
      supply.onMv = 13_200;
      for (let poll = 0; poll < 6; poll += 1) await run(rig.rail.poll());
      await clock.advance(1000);
      equal(supply.isOn, false);
      equal(rig.interlock.trip?.code, "PSU_READBACK_MISMATCH");
    });

    it("stays on when the supply's data line dies, and says so", async () => {
      await switchOn();
      supply.isSilent = true;
      for (let poll = 0; poll < 3; poll += 1) await run(rig.rail.poll());
      equal(rig.interlock.isOn, true);
      equal(rig.rail.trouble?.code, "PSU_NO_ANSWER");
      supply.isSilent = false;
      await run(rig.rail.poll());
      equal(rig.rail.trouble, undefined);
    });
  });

  describe("calibrated while it is on", () => {
    it("is set anew, as exactly as the supply knows itself", async () => {
      supply.makesMoreMv = 100;
      await switchOn(15_000);
      supply.asked.length = 0;
      await run(rig.rail.calibrate());
      deepEqual(supply.asked, [
        ...["watchdog off", "calibration", "setpoint"],
        ...["set", "setpoint", "output"],
      ]);
      ok(Math.abs(supply.setpointMv + 100 - 15_000) < 13, "what really comes out");
      await clock.advance(10_000);
      equal(rig.interlock.isOn, true);
    });

    it("is left as it is when that makes less than a step", async () => {
      supply.makesMoreMv = 20;
      await switchOn();
      await run(rig.rail.calibrate());
      deepEqual(supply.requested, [13_200]);
      equal(rig.rail.setpoint.is, "verified");
    });

    it("is done once", async () => {
      await switchOn();
      await run(rig.rail.calibrate());
      supply.asked.length = 0;
      await run(rig.rail.calibrate());
      deepEqual(supply.asked, []);
    });

    it("is done by a supply that knows no watchdog", async () => {
      await switchOn();
      supply.setWatchdog = () => Promise.reject(new MinerError("PSU_NO_ANSWER", {}));
      await run(rig.rail.calibrate());
      equal(supply.identity.calibration, "block");
    });

    it("goes on as it was when the supply does not tell", async () => {
      await switchOn();
      supply.readCalibration = () => Promise.reject(new MinerError("PSU_NO_ANSWER", {}));
      await run(rig.rail.calibrate());
      await clock.advance(10_000);
      equal(rig.interlock.isOn, true);
      equal(rig.rail.setpoint.is, "verified");
    });

    it("does not hold up switching off", async () => {
      await switchOn();
      const calibrated = rig.rail.calibrate();
      await clock.advance(1000);
      await rig.rail.switchOff("curtail");
      equal(supply.isOn, false);
      await run(calibrated);
      equal(supply.isOn, false);
      deepEqual(supply.requested, [13_200]);
    });
  });

  it("says when the output has voltage although it is off", async () => {
    await switchOn();
    await rig.rail.switchOff("stop");
    supply.leftMv = 13_200;
    await clock.advance(29_000);
    await run(rig.rail.poll());
    await clock.advance(4000);
    for (let poll = 0; poll < 6; poll += 1) await run(rig.rail.poll());
    equal(rig.rail.trouble?.code, "PSU_NOT_OFF");
  });

  it("leaves the supply's bus to a command", async () => {
    const prepared = rig.rail.prepare(13_200);
    await rig.rail.poll();
    await run(prepared);
    deepEqual(supply.asked, ["set", "setpoint"]);
  });

  describe("of a running machine", () => {
    it("takes the supply's setpoint for what is wanted", async () => {
      supply.isOn = true;
      supply.setpointMv = 13_500;
      equal(await run(rig.rail.readForeign()), true);
      equal(rig.rail.setpoint.is, "verified");
    });

    it("tells a supply that is off", async () => {
      equal(await run(rig.rail.readForeign()), false);
    });

    it("tells by the output where the supply does not say whether it is on", async () => {
      supply.readIsOn = undefined;
      supply.isOn = true;
      await open();
      supply.isOn = true;
      equal(await run(rig.rail.readForeign()), true);
    });

    it("does not guess where the supply tells neither", async () => {
      supply.measureNothing();
      await open();
      equal(await run(rig.rail.readForeign()), undefined);
    });
  });

  describe("snapshot", () => {
    it("tells each value with its age and how it is known", async () => {
      await switchOn();
      await clock.advance(3000);
      const { isOn, setpointMv, outputMv, powerW, temperatures } = rig.rail.snapshot();
      equal(isOn, true);
      deepEqual([setpointMv.evidence, outputMv.evidence], ["measured", "measured"]);
      ok((outputMv.ageS ?? 0) >= 3);
      deepEqual(powerW, { value: null, ageS: null, evidence: "none" });
      deepEqual(temperatures, { value: null, ageS: null, evidence: "none" });
    });

    it("estimates watts where they are not measured", async () => {
      await switchOn();
      const { powerW } = rig.rail.snapshot({ freqMHz: 540, hashingShare: 1 });
      equal(powerW.evidence, "estimated");
      ok(Math.abs((powerW.value ?? 0) - 2760) < 10);
    });

    it("goes on estimating watts while the voltage is being moved", async () => {
      await switchOn();
      const moved = rig.rail.changeTo(13_800);
      await clock.advance(1000);
      equal(rig.rail.setpoint.is, "changing");
      const { powerW } = rig.rail.snapshot({ freqMHz: 540, hashingShare: 1 });
      equal(powerW.evidence, "estimated");
      ok(Math.abs((powerW.value ?? 0) - 2760) < 10);
      await run(moved);
    });

    it("measures watts where the supply can", async () => {
      supply.readPowerW = () => Promise.resolve(2600);
      await open();
      await switchOn();
      for (let poll = 0; poll < 2; poll += 1) await run(rig.rail.poll());
      const { powerW } = rig.rail.snapshot({ freqMHz: 540, hashingShare: 1 });
      deepEqual([powerW.value, powerW.evidence], [2600, "measured"]);
    });
  });
});
