import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { MinerError, type ErrorCode } from "../../../../src/lib/errors.js";
import { FakeController } from "./fake-parts.js";
import { MachineRig } from "./machine-rig.js";

describe("hardware of the machine", () => {
  let rig: MachineRig;

  beforeEach(() => {
    rig = new MachineRig();
  });

  afterEach(() => rig.close());

  describe("when it is opened", () => {
    it("holds the chains in reset, then switches off, then blows", async () => {
      const hardware = await rig.open();
      deepEqual(rig.parts.drives.slice(0, 4), [
        "chain0.reset=0",
        "chain1.reset=0",
        "chain2.reset=0",
        "enable=1",
      ]);
      deepEqual(
        [...rig.parts.pwms.values()].map(({ dutyPct }) => dutyPct),
        [100, 100],
      );
      deepEqual([...hardware.resetLines.keys()], [0, 1, 2]);
      equal(hardware.interlock.isOn, false);
    });

    it("touches nothing on another control board", async () => {
      rig.parts.deviceTreeModel = "Something else";
      const source = { evidence: "documented", source: "test" } as const;
      const board = { ...rig.board, deviceTree: { models: ["Amlogic"], ...source } };
      await rejects(rig.open({ board }), { code: "HARDWARE_MISSING" });
      deepEqual(rig.parts.drives, []);
      equal(rig.parts.isClosed, true);
    });

    it("refuses a machine whose rail limits are not known", async () => {
      const { min, ...railMv } = rig.machine.railMv!;
      equal(min, 12_000);
      await rejects(rig.open({ machine: { ...rig.machine, railMv } }), {
        code: "MACHINE_NOT_DRIVEN",
      });
      deepEqual(rig.parts.drives, []);
    });

    it("can power nothing before it was identified", async () => {
      const hardware = await rig.open();
      await rejects(hardware.interlock.switchOn(), { code: "COMMAND_REFUSED" });
    });
  });

  describe("on a control board that measures its temperature", () => {
    beforeEach(() => (rig.parts.controlBoardC = 45));

    it("tells it, and is cut when it gets hot", async () => {
      const hardware = await rig.openAndPower();
      await rig.clock.advance(2000);
      rig.parts.controlBoardC = 86;
      await rig.clock.advance(1000);
      deepEqual(hardware.controlBoard, {
        place: "soc",
        tempC: 45,
        ageS: hardware.controlBoard!.ageS,
      });
      equal(hardware.interlock.isOn, true);
      await rig.clock.advance(1500);
      equal(hardware.interlock.trip?.code, "CONTROL_BOARD_HOT");
    });

    it("is cut when it falls silent for so long that it may be hot", async () => {
      const hardware = await rig.openAndPower();
      rig.parts.controlBoardC = undefined;
      await rig.clock.advance(70_000);
      equal(hardware.interlock.isOn, true);
      await rig.clock.advance(12_000);
      equal(hardware.interlock.trip?.code, "CONTROL_BOARD_HOT");
    });

    it("is not switched on while it is hot", async () => {
      rig.parts.controlBoardC = 85;
      await rejects(rig.openAndPower(), ({ code, context }: MinerError) => {
        equal(code, "COMMAND_REFUSED");
        match(JSON.stringify(context), /CONTROL_BOARD_HOT/);
        return true;
      });
      equal(rig.supply.isOn, false);
    });
  });

  it("runs a proven machine", async () => {
    const hardware = await rig.openAndPower();
    equal(rig.supply.isOn, true);
    await rig.clock.advance(60_000);
    equal(hardware.interlock.isOn, true);
  });

  describe("while it is powered", () => {
    let trips: ErrorCode[];

    beforeEach(async () => {
      const hardware = await rig.openAndPower();
      trips = [];
      hardware.interlock.events.on("tripped", ({ code }) => trips.push(code));
    });

    /** Seconds until the output is off. */
    async function offAfterS(): Promise<number> {
      const startMs = rig.clock.nowMs();
      while (rig.supply.isOn && rig.clock.nowMs() - startMs < 60_000) await rig.clock.advance(250);
      return (rig.clock.nowMs() - startMs) / 1000;
    }

    it("is cut when a sensor reaches the limit", async () => {
      rig.parts.boards[1]!.temperatures["outlet"] = 75;
      ok((await offAfterS()) <= 1.5);
      deepEqual(trips, ["TEMPERATURE_CUT"]);
    });

    it("is not cut as long as no board can have reached its limit since it was read", async () => {
      for (let tempC = 30; tempC < 70; tempC += 3) {
        rig.parts.boards[1]!.temperatures["outlet"] = tempC;
        await rig.clock.advance(1000);
      }
      await rig.clock.advance(10_000);
      equal(rig.supply.isOn, true);
    });

    for (const [reading, code] of [
      ["silent", "SENSOR_SILENT"],
      ["hangs", "SENSOR_SILENT"],
      ["implausible", "SENSOR_IMPLAUSIBLE"],
      [0, "SENSOR_IMPLAUSIBLE"],
    ] as const)
      it(`is cut when a sensor is ${String(reading)}`, async () => {
        rig.parts.boards[1]!.temperatures["outlet"] = reading;
        ok((await offAfterS()) <= 7);
        deepEqual(trips, [code]);
      });

    it("bears a sensor that misses some rounds", async () => {
      rig.parts.boards[1]!.temperatures["outlet"] = "silent";
      await rig.clock.advance(4000);
      rig.parts.boards[1]!.temperatures["outlet"] = 45;
      await rig.clock.advance(10_000);
      equal(rig.supply.isOn, true);
    });

    it("leaves the power on when the board of a silent sensor is taken out in time", async () => {
      const { hardware } = rig;
      const isolated: [number, string][] = [];
      hardware.interlock.events.on("isolate", (slot, { code }) => {
        isolated.push([slot, code]);
        rig.clock.after(250, () => {
          hardware.setPoweredSlots([0, 2]);
        });
      });
      rig.parts.boards[1]!.temperatures["outlet"] = "silent";
      await rig.clock.advance(20_000);
      equal(rig.supply.isOn, true);
      deepEqual(isolated, [[1, "SENSOR_SILENT"]]);
      deepEqual(trips, []);
    });

    for (const [rpm, code] of [
      [0, "FAN_MISSING"],
      ["fails", "FAN_MISSING"],
      ["hangs", "FAN_MISSING"],
      [4000, "FAN_SLOW"],
    ] as const)
      it(`is cut when a tach says ${String(rpm)}`, async () => {
        rig.parts.tachs[0]!.rpm = rpm;
        ok((await offAfterS()) <= 9);
        deepEqual(trips, [code]);
      });

    it("is cut when no board is left", async () => {
      rig.hardware.setPoweredSlots([]);
      ok((await offAfterS()) <= 1);
      deepEqual(trips, ["BOARD_MISSING"]);
    });

    it("is off at once when asked, with the supply silent", async () => {
      rig.supply.isSilent = true;
      const startMs = rig.clock.nowMs();
      await rig.hardware.powerOff("curtail");
      equal(rig.clock.nowMs(), startMs);
      equal(rig.supply.isOn, false);
    });

    it("keeps the fans at full duty after it was switched off, while it is warm", async () => {
      await rig.hardware.powerOff("stop");
      rig.parts.boards[1]!.temperatures["outlet"] = 50;
      await rig.clock.advance(20_000);
      deepEqual(
        [...rig.parts.pwms.values()].map(({ dutyPct }) => dutyPct),
        [100, 100],
      );
    });

    it("is switched on again after a trip was cleared", async () => {
      rig.parts.boards[1]!.temperatures["outlet"] = 80;
      await offAfterS();
      rig.parts.boards[1]!.temperatures["outlet"] = 50;
      await rig.clock.advance(2000);
      const { hardware } = rig;
      await rejects(rig.run(hardware.rail.switchOn()), { code: "COMMAND_REFUSED" });
      hardware.interlock.clearTrip();
      await rig.run(hardware.rail.switchOn());
      equal(rig.supply.isOn, true);
    });
  });

  describe("its fans", () => {
    const duties = (): number[] => [...rig.parts.pwms.values()].map(({ dutyPct }) => dutyPct);
    const heat = (tempC: number): void => {
      for (const board of rig.parts.boards) board.temperatures["outlet"] = tempC;
    };

    beforeEach(async () => {
      await rig.openAndPower();
      for (let tempC = 27; tempC <= 55; tempC += 1) {
        heat(tempC);
        await rig.clock.advance(2000);
      }
    });

    it("slow down when all is proven and not hot", () => {
      ok(duties().every((pct) => pct > 20 && pct < 90));
    });

    it("are full as soon as a sensor does not answer", async () => {
      rig.parts.boards[2]!.temperatures["inlet"] = "silent";
      await rig.clock.advance(2500);
      deepEqual(duties(), [100, 100]);
    });

    it("are full as soon as one of them stands", async () => {
      rig.parts.tachs[1]!.rpm = 0;
      await rig.clock.advance(2500);
      deepEqual(duties(), [100, 100]);
    });

    it("run on after power-off until all is cool, then they are at their floor", async () => {
      await rig.hardware.powerOff("stop");
      await rig.clock.advance(30_000);
      deepEqual(duties(), [100, 100]);
      heat(40);
      await rig.clock.advance(60_000);
      deepEqual(duties(), [30, 30]);
    });

    it("run on for five minutes when sensors cannot say so", async () => {
      await rig.hardware.powerOff("stop");
      rig.parts.boards[0]!.temperatures["outlet"] = "silent";
      await rig.clock.advance(290_000);
      deepEqual(duties(), [100, 100]);
      await rig.clock.advance(60_000);
      deepEqual(duties(), [30, 30]);
    });

    it("are full when the program ends and the machine is warm", async () => {
      await rig.close();
      deepEqual(duties(), [100, 100]);
    });

    it("stay as they are when it ends and all is cool", async () => {
      await rig.hardware.powerOff("stop");
      heat(40);
      await rig.clock.advance(120_000);
      await rig.close();
      deepEqual(duties(), [30, 30]);
    });

    it("get their duty back when their controller lost it", async () => {
      const [front] = [...rig.parts.pwms.values()];
      front!.dutyPct = 0;
      await rig.clock.advance(2000);
      ok(front!.dutyPct > 20);
    });
  });

  describe("with controllers on the boards", () => {
    let controllers: FakeController[];

    beforeEach(async () => {
      controllers = rig.parts.boards.map((board) => (board.controller = new FakeController()));
      await rig.openAndPower();
    });

    it("start one that fell back into its loader before its board comes back", async () => {
      const { hardware } = rig;
      controllers[1]!.isInLoader = true;
      hardware.interlock.events.on("isolate", (slot, error) => {
        hardware.takeOut(slot, error);
      });
      await rig.clock.advance(12_000);
      deepEqual(hardware.poweredSlots, [0, 2]);
      equal(await rig.run(hardware.bringBack(1, rig.stop.signal)), undefined);
      deepEqual(hardware.poweredSlots, [0, 1, 2]);
      equal(controllers[1]!.converter.at(-1), true);
      controllers[1]!.isSilent = true;
      await rig.clock.advance(12_000);
      const refusal = await rig.run(hardware.bringBack(1, rig.stop.signal));
      equal(refusal?.code, "CONTROLLER_NO_ANSWER");
      deepEqual(hardware.poweredSlots, [0, 2]);
      equal(hardware.interlock.isOn, true);
    });

    it("keeps their hearts beating once a second", async () => {
      const before = controllers[0]!.heartbeats;
      await rig.clock.advance(10_000);
      ok(controllers[0]!.heartbeats - before >= 9);
      equal(rig.hardware.snapshot()?.controllers.length, 3);
    });

    it("tells a controller that no longer answers", async () => {
      controllers[1]!.isSilent = true;
      await rig.clock.advance(4000);
      deepEqual(
        rig.hardware.readings.controllers().map(({ trouble }) => trouble?.code),
        [undefined, "CONTROLLER_NO_ANSWER", undefined],
      );
    });

    it("switches the converters of the named slots", async () => {
      const failed = await rig.run(rig.hardware.setConverters(true, [0, 2]));
      equal(failed.size, 0);
      deepEqual(
        controllers.map(({ converter }) => converter),
        [[true], [], [true]],
      );
    });

    it("tells which converter could not be switched, after three tries", async () => {
      controllers[2]!.isSilent = true;
      const startMs = rig.clock.nowMs();
      const failed = await rig.run(rig.hardware.setConverters(true, [0, 2]));
      deepEqual([...failed.keys()], [2]);
      equal(failed.get(2)?.code, "CONTROLLER_NO_ANSWER");
      equal(rig.clock.nowMs() - startMs, 2000);
      deepEqual(controllers[0]!.converter, [true]);
    });

    it("opens converters before the supply is switched off", async () => {
      await rig.hardware.powerOff("stop");
      deepEqual(
        controllers.map(({ converter }) => converter),
        [[false], [false], [false]],
      );
      equal(rig.supply.isOn, false);
    });

    it("switches off within a second when a controller hangs", async () => {
      controllers[0]!.setConverter = () => new Promise(() => undefined);
      const off = rig.hardware.powerOff("curtail");
      await rig.clock.advance(500);
      await off;
      equal(rig.supply.isOn, false);
    });
  });

  describe("of a machine that may be running", () => {
    /** As the program before us left it. */
    function leaveRunning(): void {
      rig.supply.isOn = true;
      rig.supply.setpointMv = 13_200;
    }

    it("touches neither chains nor supply when it is opened", async () => {
      leaveRunning();
      const controller = new FakeController();
      rig.parts.boards[0]!.controller = controller;
      const hardware = await rig.open({ mode: "takeOver" });
      deepEqual(rig.parts.drives, [
        "chain0.reset=asIs",
        "chain1.reset=asIs",
        "chain2.reset=asIs",
        "enable=asIs",
      ]);
      deepEqual(await rig.run(hardware.takeOver(rig.stop.signal)), { is: "continued" });
      equal(controller.isStarted, false);
    });

    it("goes on without a gap when all is fresh and good", async () => {
      leaveRunning();
      const hardware = await rig.open({ mode: "takeOver" });
      deepEqual(await rig.run(hardware.takeOver(rig.stop.signal)), { is: "continued" });
      ok(!rig.parts.drives.includes("enable=1"));
      await rig.clock.advance(60_000);
      equal(rig.supply.isOn, true);
      await rig.run(hardware.rail.changeTo(13_600));
      equal(rig.supply.isOn, true);
    });

    it("says that it was off, and drives that", async () => {
      const hardware = await rig.open({ mode: "takeOver" });
      deepEqual(await rig.run(hardware.takeOver(rig.stop.signal)), { is: "wasOff" });
      ok(rig.parts.drives.includes("enable=1"));
      equal(hardware.interlock.state.is, "off");
    });

    for (const { title, spoil, code } of [
      {
        title: "a board is too hot",
        spoil: () => (rig.parts.boards[2]!.temperatures["outlet"] = 80),
        code: "TEMPERATURE_CUT",
      },
      {
        title: "a fan stands",
        spoil: () => (rig.parts.tachs[1]!.rpm = 0),
        code: "FAN_MISSING",
      },
      {
        title: "the setpoint is none of the machine's",
        spoil: () => (rig.supply.setpointMv = 15_500),
        code: "PSU_VOLTAGE_OUT_OF_RANGE",
      },
      {
        title: "the output is not what it is set to",
        spoil: () => (rig.supply.onMv = 11_000),
        code: "PSU_OUTPUT_WRONG",
      },
      {
        title: "the supply does not answer",
        spoil: () => (rig.parts.supply = new MinerError("PSU_NO_ANSWER", {})),
        code: "PSU_NO_ANSWER",
      },
      {
        title: "the supply cannot say whether it is on",
        spoil: () => rig.supply.measureNothing(),
        code: "COMMAND_REFUSED",
      },
    ] as const)
      it(`powers down when ${title}`, async () => {
        leaveRunning();
        spoil();
        const hardware = await rig.open({ mode: "takeOver" });
        const outcome = await rig.run(hardware.takeOver(rig.stop.signal));
        equal(rig.supply.isOn, false);
        ok(outcome.is === "poweredDown" && outcome.reason.message.includes(code), outcome.is);
      });

    it("powers down when it is stopped meanwhile", async () => {
      leaveRunning();
      const hardware = await rig.open({ mode: "takeOver" });
      rig.parts.tachs[1]!.rpm = 0;
      const outcome = hardware.takeOver(rig.stop.signal);
      await rig.clock.advance(8000);
      rig.stop.abort(new MinerError("CHAIN_CLOSED", {}));
      await rejects(rig.run(outcome), { code: "CHAIN_CLOSED" });
      equal(rig.supply.isOn, false);
    });

    it("isolates a board with a dead sensor and goes on with the rest", async () => {
      leaveRunning();
      rig.parts.boards[0]!.temperatures["outlet"] = "silent";
      const hardware = await rig.open({ mode: "takeOver" });
      deepEqual(await rig.run(hardware.takeOver(rig.stop.signal)), { is: "continued" });
      deepEqual(hardware.poweredSlots, [1, 2]);
    });
  });

  it("is off when it is closed, whatever the supply does", async () => {
    const hardware = await rig.openAndPower();
    rig.supply.isSilent = true;
    await rig.run(hardware.close());
    equal(rig.supply.isOn, false);
    equal(rig.parts.isClosed, true);
    const { length } = rig.supply.asked;
    await rig.clock.advance(10_000);
    equal(rig.supply.asked.length, length);
  });

  it("can be closed with the machine running, for the next program", async () => {
    const hardware = await rig.openAndPower();
    await rig.run(hardware.close("asIs"));
    equal(rig.supply.isOn, true);
  });

  it("tells each value with its age and how it is known", async () => {
    const hardware = await rig.openAndPower();
    await rig.clock.advance(5000);
    const { temperatures, hottestC, fans, rail } = hardware.snapshot()!;
    equal(temperatures.length, 6);
    const first = temperatures[0]!;
    deepEqual([first.slot, first.place, first.tempC], [0, "inlet", 25]);
    equal(first.evidence, "measured");
    ok(first.ageS !== null && first.ageS <= 1);
    equal(hottestC, 27);
    ok(Number(fans.dutyPct) > 20);
    equal(fans.fans.length, 4);
    equal(rail?.outputMv.evidence, "measured");
  });

  it("keeps the last temperature of a sensor that died, with its age", async () => {
    const hardware = await rig.openAndPower();
    rig.parts.boards[0]!.temperatures["inlet"] = "silent";
    await rig.clock.advance(4000);
    const first = hardware.snapshot()!.temperatures[0]!;
    equal(first.tempC, 25);
    ok(first.ageS !== null && first.ageS >= 3);
    equal(first.trouble?.code, "SENSOR_SILENT");
  });
});

describe("hardware of a machine with a regulator", () => {
  it("is switched over the regulator's data line", async () => {
    const rig = new MachineRig("bitaxe-gamma");
    const switched: boolean[] = [];
    Object.assign(rig.supply, {
      identity: { ...rig.supply.identity, supply: "tps546" },
      rangeMv: { min: 1000, max: 2000 },
      setpointMv: 1000,
      setOutput: (isOn: boolean) => {
        switched.push(isOn);
        rig.supply.isOn = isOn;
        return Promise.resolve();
      },
    });
    rig.parts.boards[0]!.eeprom = "silent";
    rig.parts.boards[0]!.temperatures["chip"] = 30;
    const hardware = await rig.open({ slots: [0] });
    deepEqual(switched, [false]);
    equal(rig.parts.pwms.get("emc2101")?.dutyPct, 100);
    const fitted = await rig.run(hardware.identify(rig.stop.signal));
    equal(fitted.slots[0]?.verdict.is, "usable");
    await rig.run(hardware.selfTest(rig.stop.signal));
    await rig.run(hardware.rail.toRunning());
    await rig.run(hardware.rail.switchOn());
    deepEqual(switched, [false, true]);
    ok(!rig.parts.drives.includes("enable=0"));
    rig.parts.boards[0]!.temperatures["chip"] = 75;
    await rig.clock.advance(2000);
    equal(rig.supply.isOn, false);
    await rig.close();
  });
});
