import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Line } from "../../../src/boards/schema/control-board.js";
import type { GpioOutput } from "../../../src/hal/gpio.js";
import { deviceTreeModel } from "../../../src/hal/linux/device-tree.js";
import { findGpioChips, type GpioChip } from "../../../src/hal/linux/gpio-chips.js";
import { LinuxHardware, type LinuxLibraries } from "../../../src/hal/linux/linux-hardware.js";
import { linuxPaths } from "../../../src/hal/linux/linux-paths.js";
import { systemLibraries } from "../../../src/hal/linux/system-libraries.js";
import { failsWith } from "../../unit/hal/suites/errors.js";

const BOARD = "AST2600 EVB";
/** Where QEMU puts a memory of 256 bytes and a temperature sensor. */
const MEMORY = { bus: "i2c-7", address: 0x50 };
const SENSOR = { bus: "i2c-8", address: 0x4d };
/** Held high by scripts/check/kernel, and toggled by it some 50 times a second. What is once in sysfs stays there. */
const HIGH_OFFSET = { sysfs: 10, device: 11 };
const TOGGLED_OFFSET = { device: 0, sysfs: 2 };
const PATHS = linuxPaths("/dev");
const source = { evidence: "documented", source: "QEMU ast2600-evb" } as const;

/** Pending, with its reason, anywhere but on the emulated board. */
const isHere = deviceTreeModel(PATHS.proc) === BOARD;
const onBoard = isHere ? describe : describe.skip;
const needs = isHere
  ? ""
  : ` (needs ${PATHS.proc}/device-tree/model ${BOARD}: scripts/check/kernel)`;

onBoard(`kernel of an emulated control board${needs}`, () => {
  let libraries: LinuxLibraries;
  let chip: GpioChip;
  let hardware: LinuxHardware;

  before(async () => {
    libraries = await systemLibraries();
    const chips = findGpioChips(PATHS, (device) => libraries.addon.readGpioChip(device));
    chip = chips.reduce((most, each) => (each.lines > most.lines ? each : most));
  });

  beforeEach(() => {
    hardware = new LinuxHardware(PATHS, libraries);
  });

  afterEach(() => hardware.close());

  const line = (offset: number): Line => ({ chip: chip.label, offset });
  const bus = (device: string): ReturnType<LinuxHardware["openI2cBus"]> =>
    hardware.openI2cBus({ device, ...source });

  it("has chips that are in sysfs and have devices, and are brought together", () => {
    ok(chip.lines > 100);
    ok(chip.base !== undefined && chip.device !== undefined, JSON.stringify(chip));
  });

  describe("I2C", () => {
    it("reads a whole memory, and does not write to it", async () => {
      const memories = await bus(MEMORY.bus);
      equal((await memories.readRegister(MEMORY.address, 0, 256)).length, 256);
      await rejects(
        memories.write(MEMORY.address, Uint8Array.of(0, 1)),
        failsWith("I2C_WRITE_REFUSED"),
      );
    });

    it("writes a register of a sensor and reads it after a repeated start", async () => {
      const sensors = await bus(SENSOR.bus);
      for (const limit of [0x50, 0x4b]) {
        await sensors.write(SENSOR.address, Uint8Array.of(3, limit, 0));
        deepEqual(await sensors.readRegister(SENSOR.address, 3, 2), Uint8Array.of(limit, 0));
      }
    });

    it("says where nobody is, and goes on with who is", async () => {
      const sensors = await bus(SENSOR.bus);
      for (const address of [0x48, 0x49, 0x4a])
        await rejects(sensors.readRegister(address, 0, 2), failsWith("I2C_NACK"));
      equal((await sensors.read(SENSOR.address, 2)).length, 2);
    });

    it("misses a bus that is not there when it is opened", async () => {
      await rejects(bus("i2c-99"), failsWith("I2C_UNAVAILABLE"));
    });
  });

  const ways = [
    { way: "sysfs", first: 24, isSysfs: true },
    { way: "character devices", first: 32, isSysfs: false },
  ] as const;
  for (const { way, first, isSysfs } of ways)
    describe(`lines by ${way}`, () => {
      beforeEach(() => {
        if (isSysfs) return;
        const onoff = new Proxy(libraries.onoff, {
          get: (target, name) =>
            name === "accessible" ? false : (Reflect.get(target, name) as unknown),
        });
        hardware = new LinuxHardware(PATHS, { ...libraries, onoff });
      });

      /** What the kernel says of the line. */
      const levelOf = async (output: GpioOutput): Promise<number> =>
        "read" in output ? (output as unknown as { read(): Promise<number> }).read() : Number.NaN;

      for (const initial of [0, 1] as const)
        it(`become outputs at ${String(initial)}, and are driven`, async () => {
          const output = await hardware.openOutput(line(first + initial), initial);
          equal(await levelOf(output), initial);
          await output.write(initial === 0 ? 1 : 0);
          equal(await levelOf(output), initial === 0 ? 1 : 0);
        });

      for (const level of [0, 1] as const)
        it(`are taken over as they are, at ${String(level)}`, async () => {
          const before = await hardware.openOutput(line(first + 2 + level), level);
          await before.close();
          const output = await hardware.openOutput(line(first + 2 + level), "asIs");
          equal(await levelOf(output), level);
        });

      it("are read", async () => {
        const input = await hardware.openInput(
          line(isSysfs ? HIGH_OFFSET.sysfs : HIGH_OFFSET.device),
        );
        equal(await input.read(), 1);
        await input.close();
      });

      it("are given to native threads", async () => {
        const native = await hardware.openNativeOutput(line(first + 4), 1);
        equal("path" in native, isSysfs);
      });
    });

  it("gives a line to one only", async () => {
    await hardware.openInput(line(24));
    const { GpioLine } = libraries.addon;
    let code = "";
    try {
      new GpioLine(chip.device ?? "", 24, "input", 0);
    } catch (error) {
      code = (error as NodeJS.ErrnoException).code ?? "";
    }
    equal(code, "EBUSY");
  });

  describe("tach", () => {
    /** Wide, as an emulator keeps time badly. */
    const isPlausible = (rpm: number): boolean => rpm > 60 && rpm < 4000;

    it("measures edges that the kernel timed, and none where there are none", async () => {
      const turning = await hardware.openTach({
        ...{ fan: 1, tach: { edges: line(TOGGLED_OFFSET.device) }, pulsesPerTurn: 2 },
        ...source,
      });
      const rpm = await turning.readRpm();
      ok(isPlausible(rpm), String(rpm));
      await turning.close();
      const standing = await hardware.openTach({
        ...{ fan: 2, tach: { edges: line(1) }, pulsesPerTurn: 2 },
        ...source,
      });
      equal(await standing.readRpm(), 0);
      await standing.close();
    });

    it("measures edges of sysfs when the line is taken there", async () => {
      await hardware.openInput(line(TOGGLED_OFFSET.sysfs));
      const tach = await hardware.openTach({
        ...{ fan: 1, tach: { edges: line(TOGGLED_OFFSET.sysfs) }, pulsesPerTurn: 2 },
        ...source,
      });
      const rpm = await tach.readRpm();
      ok(isPlausible(rpm), String(rpm));
      await tach.close();
    });
  });

  it("has a watchdog that is armed by opening and disarmed by closing", async () => {
    const state = (): string => readFileSync("/sys/class/watchdog/watchdog0/state", "utf8").trim();
    const watchdog = await hardware.openWatchdog("watchdog", 30);
    equal(watchdog.timeoutS, 30);
    await watchdog.feed();
    equal(state(), "active");
    await watchdog.close();
    equal(state(), "inactive");
  });
});
