import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChainTeam } from "../../../../src/app/life-cycle/chain-team.js";
import type { MachineState } from "../../../../src/app/life-cycle/machine-state.js";
import { MachineLife } from "../../../../src/app/life-cycle/machine-life.js";
import { OrderKeeper } from "../../../../src/app/life-cycle/order-keeper.js";
import type { Order } from "../../../../src/app/life-cycle/order.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { FakeChain, FakeHardware, fittedSlot } from "./fakes.js";

const START_MS = 20_000;
const RETRY_MS = 30_000;
const SILENT = new MinerError("CHAIN_SILENT", { chain: "chain0" });

describe("life of the machine", () => {
  let clock: ManualClock;
  let log: string[];
  let hardware: FakeHardware;
  let chains: FakeChain[];
  let orders: OrderKeeper;
  let life: MachineLife;
  let folder: string;
  let powers: boolean[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "headframe-life-"));
    clock = new ManualClock();
    await make();
  });

  afterEach(async () => {
    await stopped();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A machine of three boards; what was ordered before is known. */
  async function make({ resetTogether = false } = {}): Promise<void> {
    log = [];
    powers = [];
    hardware = new FakeHardware(log, clock, 3);
    chains = [0, 1, 2].map((slot) => new FakeChain(slot, log, clock));
    const team = new ChainTeam({ chains, resetTogether });
    for (const chain of chains)
      chain.changed = () => {
        team.changed();
      };
    orders = await OrderKeeper.open({
      ...{ path: join(folder, "order.json"), clock },
      onTrouble: ({ code }) => log.push(code),
    });
    life = new MachineLife({
      ...{ hardware, team, orders, clock, log: createLogger("silent") },
      onPower: (mayBeOn) => powers.push(mayBeOn),
      setPoints: { freqMHz: 500, railMv: 13_200, openMv: 15_000, sleepMHz: 50 },
    });
  }

  async function stopped(): Promise<void> {
    const stop = life.stop();
    await clock.advance(5000);
    await stop;
  }

  async function start(): Promise<void> {
    life.start();
    await clock.advance(START_MS);
  }

  async function restart(order: Order): Promise<void> {
    await orders.give(order);
    await make();
    await start();
  }

  const state = (): string => life.state.is;

  function curtailed(): Extract<MachineState, { is: "curtailed" }> {
    const now = life.state;
    ok(now.is === "curtailed", now.is);
    return now;
  }

  const after = (mark: string): string[] => log.slice(log.lastIndexOf(mark) + 1);

  it("identifies, tests, sets the voltage and reads it back, switches on, and then lets the chips go", async () => {
    await start();
    equal(state(), "hashing");
    deepEqual(log, [
      ...["find", "stop 0", "stop 1", "stop 2", "power off: start", "self-test"],
      ...["prepare 15000", "switch on", "converters 0 1 2", "start 0", "start 1", "start 2"],
      "change to 13200",
    ]);
    deepEqual(hardware.powered, [0, 1, 2]);
    equal(powers.at(-1), true);
    deepEqual(
      life.states.phases.map((phase) => phase.state),
      ["off", "identify", "selfTest", "power", "bringUp", "hashing"],
    );
    for (const { ordered } of chains) deepEqual(ordered, { freqMHz: 500, works: true });
  });

  it("lets the chips of all boards out of reset together where the rail needs it", async () => {
    await make({ resetTogether: true });
    await start();
    ok(chains.every(({ together }) => together !== undefined));
    equal(new Set(chains.map(({ together }) => together)).size, 3);
  });

  it("lets a board that is not used out of reset with the others there", async () => {
    await make({ resetTogether: true });
    hardware.failing.set(1, { code: "SENSOR_SILENT", context: { slot: 1 } });
    await start();
    deepEqual(
      log.filter((line) => /^(start|accompany)/.test(line)),
      ["start 0", "accompany 1", "start 2"],
    );
    equal(state(), "hashing");
  });

  describe("with a board that has to be taken out while it runs", () => {
    const HOT = new MinerError("BOARD_HOT", { slot: 1 });
    const slots = (): readonly number[] => ("slots" in life.state ? life.state.slots : []);

    /** As the interlock asks for it. */
    async function isolate(slot: number): Promise<void> {
      hardware.isolate(slot, HOT);
      await clock.advance(0);
    }

    it("holds its chain in reset, does not count it, and goes on with the others", async () => {
      await start();
      log.length = 0;
      await isolate(1);
      deepEqual(log, ["stop 1", "isolate 1: BOARD_HOT", "take out 1"]);
      deepEqual(hardware.powered, [0, 2]);
      equal(state(), "hashing");
      deepEqual(slots(), [0, 2]);
      deepEqual(life.fitted?.slots[1]?.verdict, {
        is: "isolated",
        code: "BOARD_HOT",
        context: { slot: 1 },
      });
    });

    it("touches no other chain where chips leave reset together, and brings it back by itself", async () => {
      await make({ resetTogether: true });
      await start();
      log.length = 0;
      await isolate(1);
      deepEqual(log, ["stop 1", "isolate 1: BOARD_HOT", "take out 1"]);
      deepEqual(slots(), [0, 2]);
      log.length = 0;
      life.retry();
      await clock.advance(START_MS);
      deepEqual(log, ["bring back 1", "start 1"]);
      equal(chains[1]!.together, undefined);
      equal(state(), "hashing");
      deepEqual(slots(), [0, 1, 2]);
    });

    it("leaves it to the interlock to cut when the chain cannot be held in reset", async () => {
      await start();
      chains[1]!.holds = new MinerError("GPIO_FAILED", {});
      await isolate(1);
      deepEqual(hardware.powered, [0, 1, 2]);
    });

    it("goes on with the others when that happens before the chains are up", async () => {
      life.start();
      await clock.advance(8000);
      equal(state(), "bringUp");
      await isolate(1);
      await clock.advance(START_MS);
      equal(state(), "hashing");
      deepEqual(slots(), [0, 2]);
    });

    it("ends with a fault when the others fail", async () => {
      await start();
      await isolate(1);
      chains[0]!.fail("CHAIN_SILENT");
      chains[2]!.fail("CHAIN_SILENT");
      await clock.advance(1000);
      equal(state(), "fault");
    });

    it("has it remembered what the others failed of", async () => {
      await start();
      for (const chain of chains) chain.fail("CHAIN_SILENT");
      await clock.advance(1000);
      deepEqual(hardware.noted, ["CHAIN_SILENT"]);
    });

    it("takes it back when its owner says so and nothing speaks against it", async () => {
      await start();
      await isolate(1);
      log.length = 0;
      equal(life.retry(), true);
      await clock.advance(START_MS);
      deepEqual(log, ["bring back 1", "start 1"]);
      deepEqual(slots(), [0, 1, 2]);
      equal(life.retry(), false);
    });

    it("does not take it back while a rule speaks against it", async () => {
      await start();
      await isolate(1);
      hardware.refusals.set(1, { code: "SENSOR_STUCK", context: { slot: 1 } });
      equal(life.retry(), true);
      await clock.advance(START_MS);
      equal(log.at(-1), "bring back 1: refused");
      deepEqual(slots(), [0, 2]);
    });

    it("tries it with the next start, three times a day", async () => {
      await start();
      for (let time = 1; time <= 3; time += 1) {
        deepEqual(slots(), [0, 1, 2], `start ${time}`);
        await isolate(1);
        hardware.trip(new MinerError("FAN_MISSING", {}));
        await clock.advance(RETRY_MS + START_MS);
        equal(state(), "hashing");
      }
      deepEqual(slots(), [0, 2]);
      equal(life.fitted?.slots[1]?.verdict.is, "isolated");
    });
  });

  it("goes on without the boards that are isolated", async () => {
    hardware.fitted = {
      ...hardware.fitted,
      slots: [
        fittedSlot(0),
        {
          ...fittedSlot(1),
          verdict: { is: "isolated", code: "BOARD_MISSING", context: { slot: 1 } },
        },
        fittedSlot(2),
      ],
    };
    hardware.failing.set(2, { code: "SENSOR_SILENT", context: { slot: 2 } });
    await start();
    equal(state(), "hashing");
    deepEqual(hardware.powered, [0]);
    deepEqual(
      log.filter((line) => line.startsWith("start")),
      ["start 0"],
    );
    deepEqual(
      chains.map(({ error }) => error?.code),
      [undefined, "BOARD_MISSING", "SENSOR_SILENT"],
    );
  });

  it("isolates a board whose converter does not come on", async () => {
    hardware.openFailures.set(1, { code: "CONTROLLER_NO_ANSWER", context: { slot: 1 } });
    await start();
    deepEqual([state(), hardware.powered], ["hashing", [0, 2]]);
    equal(chains[1]!.error?.code, "CONTROLLER_NO_ANSWER");
  });

  it("mines on with the chains that come up", async () => {
    chains[0]!.fails = SILENT;
    await start();
    equal(state(), "hashing");
    chains[1]!.fail("CHAIN_SILENT");
    await clock.advance(100_000);
    equal(state(), "hashing");
  });

  it("waits for lines that are gone with the power on", async () => {
    await start();
    for (const chain of chains) chain.fail("LINK_HUNG_UP");
    await clock.advance(100_000);
    deepEqual([state(), hardware.isOn], ["hashing", true]);
  });

  it("switches off when no chain works, and starts from the beginning after half a minute", async () => {
    await start();
    log.length = 0;
    for (const chain of chains) chain.fail("CHAIN_SILENT");
    await clock.advance(0);
    deepEqual(log, ["stop 0", "stop 1", "stop 2", "power off: CHAIN_SILENT"]);
    ok(life.state.is === "fault" && life.state.error.code === "CHAIN_SILENT");
    await clock.advance(RETRY_MS + START_MS);
    equal(state(), "hashing");
    deepEqual(after("power off: CHAIN_SILENT").slice(0, 2), ["clear trip: rule", "identify"]);
  });

  it("tries a machine that fails every half minute, then every five minutes, and gives it up after an hour", async () => {
    hardware.fitted = {
      ...hardware.fitted,
      supply: { is: "refused", code: "PSU_NO_ANSWER", context: {} },
    };
    life.start();
    await clock.advance(4_500_000);
    ok(life.state.is === "fault");
    deepEqual([life.state.retryAtMs, life.state.failures], [undefined, 17]);
    equal(hardware.isOn, false);
    ok(!log.includes("switch on"));
    await clock.advance(86_400_000);
    equal(log.filter((line) => line === "identify").length, 16);
  });

  it("starts a machine that was given up when somebody says so", async () => {
    for (const chain of chains) chain.fails = SILENT;
    life.start();
    await clock.advance(6_000_000);
    equal(state(), "fault");
    for (const chain of chains) chain.fails = undefined;
    equal(life.retry(), true);
    await clock.advance(START_MS);
    equal(state(), "hashing");
  });

  it("goes down in order when the interlock has cut the power, and lets a hot machine cool", async () => {
    await start();
    log.length = 0;
    hardware.trip(new MinerError("TEMPERATURE_CUT", { slot: 1, tempC: 76 }));
    await clock.advance(0);
    deepEqual(log, [
      ...["trip: TEMPERATURE_CUT", "stop 0", "stop 1", "stop 2", "power off: TEMPERATURE_CUT"],
    ]);
    equal(state(), "fault");
    await clock.advance(4 * 60_000);
    equal(state(), "fault");
    await clock.advance(60_000 + START_MS);
    equal(state(), "hashing");
  });

  it("does not switch on what does not hold its voltage", async () => {
    hardware.errors.set("prepare 15000", new MinerError("PSU_READBACK_MISMATCH"));
    life.start();
    await clock.advance(START_MS);
    equal(state(), "fault");
    ok(!log.includes("switch on"));
  });

  it("says what the permit lacked when it was not given", async () => {
    const facts = {
      command: "switchOn",
      lacking: "FAN_SLOW",
      missing: "FAN_SLOW fan=2; FAN_SLOW fan=3",
    };
    hardware.errors.set("switch on", new MinerError("COMMAND_REFUSED", facts));
    await start();
    ok(life.state.is === "fault");
    const { code, context } = life.state.error;
    deepEqual([code, context], ["FAN_SLOW", { missing: facts.missing }]);
  });

  describe("that runs already", () => {
    it("is taken over with the power on: chips into reset, voltage for opening cores, and up again", async () => {
      hardware.isRunning = true;
      await start();
      deepEqual([state(), hardware.isOn], ["hashing", true]);
      deepEqual(log, [
        ...["find", "stop 0", "stop 1", "stop 2", "change to 15000"],
        ...["start 0", "start 1", "start 2", "change to 13200"],
      ]);
    });

    it("is switched off at once when it was ordered to be", async () => {
      hardware.isRunning = true;
      hardware.isOn = true;
      await orders.give("curtailed");
      life.start();
      await clock.advance(0);
      deepEqual([state(), hardware.isOn], ["curtailed", false]);
      await clock.advance(START_MS);
      ok(!log.includes("switch on"));
      equal(life.fitted, hardware.fitted, "it knows what it is fitted with all the same");
    });
  });

  describe("under orders", () => {
    it("pauses and goes on", async () => {
      await start();
      await life.give("paused");
      equal(state(), "paused");
      for (const { ordered } of chains) deepEqual(ordered, { freqMHz: 500, works: false });
      await life.give("mine");
      equal(state(), "hashing");
      for (const { ordered } of chains) deepEqual(ordered, { freqMHz: 500, works: true });
    });

    it("sleeps at the lowest clock with the rail on, and wakes", async () => {
      await start();
      log.length = 0;
      await life.give("asleep");
      equal(state(), "asleep");
      for (const { ordered } of chains) deepEqual(ordered, { freqMHz: 50, works: false });
      await clock.advance(10_000);
      await life.give("mine");
      equal(state(), "hashing");
      deepEqual(
        log,
        [0, 1, 2]
          .map((slot) => `clock ${slot}: 50`)
          .concat([0, 1, 2].map((slot) => `clock ${slot}: 500`)),
      );
      equal(hardware.isOn, true);
    });

    it("comes up as it was ordered meanwhile", async () => {
      life.start();
      await clock.advance(1200);
      equal(state(), "selfTest");
      await life.give("asleep");
      await clock.advance(START_MS);
      equal(state(), "asleep");
      ok(chains.every(({ freqMHz }) => freqMHz === 50));
    });

    it("is paused, asleep or curtailed after a restart as it was before", async () => {
      for (const order of ["paused", "asleep", "curtailed"] as const) {
        await restart(order);
        deepEqual([state(), hardware.isOn], [order, order !== "curtailed"]);
        await stopped();
      }
    });

    it("keeps the hash power off when the order cannot be read any more", async () => {
      await orders.give("paused");
      writeFileSync(join(folder, "order.json"), "{");
      await make();
      await start();
      deepEqual([state(), log[0]], ["curtailed", "ORDER_UNREADABLE"]);
    });
  });

  describe("that is curtailed", () => {
    it("has no power before anything else is done, and says when", async () => {
      await start();
      log.length = 0;
      const receipt = life.curtail();
      deepEqual([log, hardware.isOn], [["switch off: curtailed"], false]);
      const { tookMs, receivedUnixMs, powerOffUnixMs, isKept } = await receipt;
      deepEqual([tookMs, powerOffUnixMs - receivedUnixMs, isKept], [0, 0, true]);
      await clock.advance(0);
      const told = curtailed();
      deepEqual([told.receipt, told.confirmation], [await receipt, null]);
      await clock.advance(5000);
      equal(curtailed().confirmation?.outputMv, 12);
      deepEqual(
        chains.map(({ standing }) => standing),
        ["off", "off", "off"],
      );
    });

    it("in whatever it is about, and not before somebody says resume it starts again, without identification", async () => {
      for (const ms of [0, 500, 1200, 2500, 4000, 6000, 10_000, START_MS]) {
        await make();
        life.start();
        await clock.advance(ms);
        const receipt = life.curtail();
        await clock.advance(0);
        await receipt;
        await clock.advance(600_000);
        deepEqual([state(), hardware.isOn], ["curtailed", false], `after ${ms} ms`);
        log.length = 0;
        await life.give("mine");
        await clock.advance(START_MS);
        deepEqual([state(), hardware.isOn], ["hashing", true], `after ${ms} ms`);
        ok(!log.includes("identify") && !log.includes("find"));
        await stopped();
      }
    });

    it("while it waits for a retry", async () => {
      for (const chain of chains) chain.fails = SILENT;
      await start();
      equal(state(), "fault");
      await life.curtail();
      await clock.advance(600_000);
      equal(state(), "curtailed");
    });

    it("stays curtailed when the line cannot be driven, and says that it is not off", async () => {
      await start();
      hardware.errors.set("switch off", new MinerError("PSU_NOT_OFF"));
      await rejects(life.curtail(), /PSU_NOT_OFF/);
      await clock.advance(5000);
      deepEqual([state(), orders.order], ["curtailed", "curtailed"]);
    });
  });

  describe("with other set-points", () => {
    beforeEach(async () => {
      await start();
      log.length = 0;
    });

    async function change(freqMHz: number, railMv: number): Promise<readonly string[]> {
      const changed = life.change({ freqMHz, railMv });
      await clock.advance(30_000);
      await changed;
      return log;
    }

    it("raises the voltage before the clock", async () => {
      const [first, second] = await change(550, 13_800);
      deepEqual([first, second], ["change to 13800", "clock 0: 550"]);
    });

    it("lowers the clock before the voltage", async () => {
      deepEqual((await change(400, 12_600)).at(-1), "change to 12600");
      equal(log[0], "clock 0: 400");
    });

    it("moves the clock alone", async () => {
      deepEqual(await change(450, 13_200), ["clock 0: 450", "clock 1: 450", "clock 2: 450"]);
    });

    it("leaves the clock when the voltage does not come", async () => {
      hardware.errors.set("change to 13800", new MinerError("PSU_READBACK_MISMATCH"));
      const changed = rejects(life.change({ freqMHz: 550, railMv: 13_800 }), /READBACK/);
      await clock.advance(30_000);
      await changed;
      deepEqual(life.setPoints.freqMHz, 500);
      ok(chains.every(({ freqMHz }) => freqMHz === 500));
    });

    it("goes back to the clock that it had when the voltage does not fall", async () => {
      hardware.errors.set("change to 12600", new MinerError("PSU_READBACK_MISMATCH"));
      const changed = rejects(life.change({ freqMHz: 400, railMv: 12_600 }), /READBACK/);
      await clock.advance(30_000);
      await changed;
      deepEqual([life.setPoints.freqMHz, life.setPoints.railMv], [500, 13_200]);
      ok(chains.every(({ freqMHz }) => freqMHz === 500));
    });

    it("refuses them when the machine goes down meanwhile", async () => {
      const changed = rejects(life.change({ freqMHz: 400, railMv: 12_600 }), /COMMAND_REFUSED/);
      await life.curtail();
      await changed;
      equal(life.setPoints.freqMHz, 500);
    });

    it("leaves the voltage at which cores are opened until they are", async () => {
      await stopped();
      await make();
      life.start();
      await clock.advance(6000);
      equal(state(), "bringUp");
      log.length = 0;
      await change(450, 12_900);
      deepEqual(
        log.filter((line) => line.startsWith("change")),
        ["change to 12900"],
      );
      equal(state(), "hashing");
      ok(chains.every(({ freqMHz }) => freqMHz === 450));
    });

    it("keeps them for the next start while there is no power", async () => {
      await life.curtail();
      await clock.advance(5000);
      log.length = 0;
      await change(550, 13_800);
      deepEqual([...log], []);
      await life.give("mine");
      await clock.advance(START_MS);
      equal(log.at(-1), "change to 13800");
      ok(chains.every(({ freqMHz }) => freqMHz === 550));
    });

    it("keeps the clock of sleep until it wakes", async () => {
      await life.give("asleep");
      await clock.advance(5000);
      await change(550, 13_200);
      ok(chains.every(({ freqMHz }) => freqMHz === 50));
      await life.give("mine");
      await clock.advance(5000);
      ok(chains.every(({ freqMHz }) => freqMHz === 550));
    });
  });

  it("ends in every state with chains in reset and power off", async () => {
    for (const ms of [0, 500, 1200, 2500, 4000, 6000, START_MS]) {
      await make();
      life.start();
      await clock.advance(ms);
      await stopped();
      deepEqual([state(), hardware.isOn, powers.at(-1)], ["off", false, false]);
      ok(log.includes("power off: stop"), `after ${ms} ms`);
      equal(
        log.includes("switch on") && log.lastIndexOf("switch on") > log.indexOf("power off: stop"),
        false,
      );
    }
  });
});
