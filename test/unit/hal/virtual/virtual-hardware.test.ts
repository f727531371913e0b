import { deepEqual, equal, rejects } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { FanGroup, FanTach } from "../../../../src/boards/schema/control-board.js";
import { VirtualHardware } from "../../../../src/hal/virtual/virtual-hardware.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { isMinerError, type ErrorCode } from "../../../../src/lib/errors.js";
import { FakeMachine } from "./fake-machine.js";

const source = { evidence: "documented", source: "test" } as const;
const BOARDS = { virtual: "boards", ...source };
const GROUP: FanGroup = {
  name: "front",
  pwm: { virtual: "fan-front" },
  periodNs: 100_000,
  fans: [1],
  ...source,
};
const TACH: FanTach = { fan: 1, tach: { virtual: "fan-1" }, pulsesPerTurn: 2, ...source };

const fails =
  (code: ErrorCode) =>
  (error: unknown): boolean =>
    isMinerError(error, code);

describe("virtual hardware", () => {
  let machine: FakeMachine;
  let hardware: VirtualHardware;

  beforeEach(async () => {
    machine = await new FakeMachine().listen();
    hardware = new VirtualHardware(machine.deviceDir);
  });

  afterEach(async () => {
    await hardware.close();
    await machine.remove();
  });

  it("asks for one I2C transaction with what is written and how much is read", async () => {
    const bus = await hardware.openI2cBus(BOARDS);
    machine.answer(() => ({ ok: true, read: "1710" }));
    deepEqual(await bus.readRegister(0x48, 0, 2), Uint8Array.of(0x17, 0x10));
    machine.answer(() => ({ ok: true, read: "" }));
    await bus.write(0x20, Uint8Array.of(0x55, 0xaa));
    deepEqual(machine.requests.slice(1), [
      { do: "i2c", bus: "boards", address: 0x48, write: "00", read: 2 },
      { do: "i2c", bus: "boards", address: 0x20, write: "55aa", read: 0 },
    ]);
  });

  it("names a bus that the machine does not have", async () => {
    machine.answer(() => ({ ok: false, error: "noBus" }));
    await rejects(hardware.openI2cBus(BOARDS), fails("I2C_UNAVAILABLE"));
  });

  it("opens a bus that is held low, and says so at the transfer", async () => {
    machine.answer(() => ({ ok: false, error: "stuck" }));
    const bus = await hardware.openI2cBus(BOARDS);
    await rejects(bus.read(0x48, 1), fails("I2C_BUS_STUCK"));
  });

  it("says that nobody answers at an address", async () => {
    const bus = await hardware.openI2cBus(BOARDS);
    machine.answer(() => ({ ok: false, error: "nack" }));
    await rejects(bus.read(0x48, 1), fails("I2C_NACK"));
  });

  it("gives each of many requests its own answer, in whatever order they come", async () => {
    const waiting: (() => void)[] = [];
    machine.answer(async ({ line }) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { ok: true, level: line === "plug-1" ? 1 : 0 };
    });
    const opened = [0, 1].map((slot) => hardware.openInput({ virtual: `plug-${String(slot)}` }));
    while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const answer of waiting.splice(0).reverse()) answer();
    const inputs = await Promise.all(opened);
    machine.answer(({ line }) => ({ ok: true, level: line === "plug-1" ? 1 : 0 }));
    deepEqual(await Promise.all(inputs.map((input) => input.read())), [0, 1]);
    equal(machine.connections, 1);
  });

  it("fails what was under way when the machine dies, and finds it again when it is back", async () => {
    const bus = await hardware.openI2cBus(BOARDS);
    machine.answer(() => undefined);
    const read = bus.read(0x48, 1);
    const failed = rejects(read, fails("I2C_UNAVAILABLE"));
    while (machine.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await machine.stop();
    await failed;
    await rejects(bus.read(0x48, 1), fails("I2C_UNAVAILABLE"));
    machine.answer(() => ({ ok: true, read: "2a" }));
    await machine.listen();
    deepEqual(await bus.read(0x48, 1), Uint8Array.of(0x2a));
  });

  it("gives an answer that never comes its deadline", async () => {
    const clock = new ManualClock();
    const impatient = new VirtualHardware(machine.deviceDir, clock);
    machine.answer(() => undefined);
    const failed = rejects(impatient.openInput({ virtual: "plug-0" }), fails("GPIO_UNAVAILABLE"));
    await clock.advance(2000);
    await failed;
    await impatient.close();
  });

  it("reads and sets lines, and says when there is none", async () => {
    machine.answer(() => ({ ok: true, level: 1 }));
    const plug = await hardware.openInput({ virtual: "plug-0" });
    equal(await plug.read(), 1);
    const led = await hardware.openOutput({ virtual: "led-red" }, 0);
    await led.write(1);
    deepEqual(machine.requests.slice(2), [
      { do: "gpioWrite", line: "led-red", level: 0 },
      { do: "gpioWrite", line: "led-red", level: 1 },
    ]);
    machine.answer(() => ({ ok: false, error: "noLine" }));
    await rejects(plug.read(), fails("GPIO_FAILED"));
    await rejects(led.write(0), fails("GPIO_FAILED"));
    await rejects(hardware.openInput({ virtual: "plug-9" }), fails("GPIO_UNAVAILABLE"));
    await rejects(hardware.openOutput({ virtual: "led-9" }, 1), fails("GPIO_UNAVAILABLE"));
  });

  it("refuses a line of metal", async () => {
    await rejects(hardware.openInput({ gpio: 437 }), fails("GPIO_UNAVAILABLE"));
    await rejects(hardware.openOutput({ gpio: 437 }, 1), fails("GPIO_UNAVAILABLE"));
  });

  it("turns duty into pulses, the other way round where the signal is inverted", async () => {
    machine.answer(() => ({ ok: true, periodNs: 100_000, dutyNs: 25_000 }));
    const straight = await hardware.openPwm(GROUP);
    const inverted = await hardware.openPwm({ ...GROUP, inverted: true });
    await straight.setDutyPct(30);
    await inverted.setDutyPct(30);
    deepEqual(
      machine.requests.slice(2).map(({ dutyNs }) => dutyNs),
      [30_000, 70_000],
    );
    equal(await straight.readDutyPct(), 25);
    equal(await inverted.readDutyPct(), 75);
    await rejects(straight.setDutyPct(101), fails("FIELD_INVALID"));
    await rejects(straight.setDutyPct(Number.NaN), fails("FIELD_INVALID"));
  });

  it("reads turns a minute from the time of a pulse, and 0 from a fan that stands still", async () => {
    machine.answer(() => ({ ok: true, periodNs: 5_000_000 }));
    const tach = await hardware.openTach(TACH);
    equal(await tach.readRpm(), 6000);
    machine.answer(() => ({ ok: true, periodNs: null }));
    equal(await tach.readRpm(), 0);
    machine.answer(() => ({ ok: false, error: "noTach" }));
    await rejects(tach.readRpm(), fails("TACH_FAILED"));
  });

  it("opens, feeds and closes the watchdog", async () => {
    const watchdog = await hardware.openWatchdog("watchdog", 30);
    await watchdog.feed();
    await watchdog.close();
    deepEqual(machine.requests, [
      { do: "watchdogOpen", timeoutS: 30 },
      { do: "watchdogFeed" },
      { do: "watchdogClose" },
    ]);
  });

  it("tells the model of the device tree, and none when nobody is there", async () => {
    machine.answer(() => ({ ok: true, model: "Headframe virtual machine" }));
    equal(await hardware.deviceTreeModel(), "Headframe virtual machine");
    await machine.stop();
    equal(await hardware.deviceTreeModel(), undefined);
  });

  it("tells the temperature of the control board where the machine has one", async () => {
    machine.answer(() => ({ ok: true, tempC: 40.5 }));
    deepEqual(await hardware.controlBoardTemperature(), { place: "virtual", tempC: 40.5 });
    machine.answer(() => ({ ok: false, error: "badRequest" }));
    equal(await hardware.controlBoardTemperature(), undefined);
  });

  describe("with FIFO lines", () => {
    const ENABLE = { file: "psu-enable" };
    let fifo: number;

    beforeEach(() => {
      const path = join(machine.deviceDir, ENABLE.file);
      execFileSync("mkfifo", [path]);
      fifo = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    });

    afterEach(() => {
      closeSync(fifo);
    });

    const received = (): string => {
      const bytes = Buffer.alloc(16);
      return bytes.toString("utf8", 0, readSync(fifo, bytes));
    };

    it("writes 0 and 1, the first with the opening", async () => {
      const line = await hardware.openOutput(ENABLE, 1);
      equal(received(), "1");
      await line.write(0);
      equal(received(), "0");
    });

    it("writes nothing when the line is taken over as it is", async () => {
      await hardware.openOutput(ENABLE, "asIs");
      equal(received(), "");
    });

    it("gives a native thread the path, and the line its level", async () => {
      const path = join(machine.deviceDir, ENABLE.file);
      deepEqual(await hardware.openNativeOutput(ENABLE, 0), { path });
      equal(received(), "0");
    });

    it("fails at once when nobody reads the line any more", async () => {
      const line = await hardware.openOutput(ENABLE, 1);
      closeSync(fifo);
      await rejects(line.write(0), fails("GPIO_FAILED"));
      await rejects(hardware.openOutput(ENABLE, 1), fails("GPIO_UNAVAILABLE"));
      fifo = openSync(
        join(machine.deviceDir, ENABLE.file),
        constants.O_RDONLY | constants.O_NONBLOCK,
      );
      await line.write(0);
      equal(received(), "0");
    });
  });
});
