import { deepEqual, equal, rejects } from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { LinuxHardware } from "../../../../src/hal/linux/linux-hardware.js";
import { failsWith } from "../suites/errors.js";
import { ImitatedKernel } from "./imitated-kernel.js";

const BANKS = { label: "periphs-banks", base: 411, lines: 86 };
const source = { evidence: "documented", source: "test" } as const;
const SUPPLY_BUS = { scl: { gpio: 476 }, sda: { gpio: 477 }, ...source };

describe("lines of the kernel", () => {
  let kernel: ImitatedKernel;
  let hardware: LinuxHardware;

  beforeEach(() => {
    kernel = new ImitatedKernel();
  });

  afterEach(async () => {
    await hardware.close();
    kernel.remove();
  });

  const start = (where: { sysfs: boolean; device?: string }): LinuxHardware => {
    kernel.addChip(BANKS, where);
    hardware = new LinuxHardware(kernel.paths, kernel.libraries());
    return hardware;
  };
  const exportLine = (number: number): void => {
    kernel.write(join(kernel.paths.sys, "class/gpio/export"), String(number));
  };

  /** Files of the imitated kernel that this process has open. */
  const openFiles = (): string[] =>
    readdirSync("/proc/self/fd")
      .flatMap((fd) => {
        try {
          return [readlinkSync(`/proc/self/fd/${fd}`)];
        } catch {
          return []; // the one that lists them
        }
      })
      .filter((path) => path.startsWith(kernel.root));

  describe("in sysfs", () => {
    it("become outputs in one write that holds the level", async () => {
      await start({ sysfs: true }).openOutput({ gpio: 437 }, 1);
      deepEqual(kernel.writes, [
        "gpio/export 437",
        "gpio/gpio437/active_low 0",
        "gpio/gpio437/direction high",
        "gpio/gpio437/value 1",
      ]);
    });

    it("taken over as outputs get no direction written at all", async () => {
      start({ sysfs: true });
      kernel.line(437).leaveDriven(1);
      await hardware.openOutput({ gpio: 437 }, "asIs");
      deepEqual(
        kernel.writes.filter((write) => write.includes("direction") || write.includes("value")),
        [],
      );
    });

    it("taken over as inputs become outputs with the level that they had", async () => {
      start({ sysfs: true });
      kernel.line(437).outside = 1;
      await hardware.openOutput({ gpio: 437 }, "asIs");
      deepEqual(kernel.line(437).history, [1, 1]);
    });

    it("are turned up again when somebody left them upside down, without a change of the level", async () => {
      start({ sysfs: true });
      kernel.line(437).leaveDriven(1);
      kernel.line(437).isUpsideDown = true;
      const output = await hardware.openOutput({ gpio: 437 }, "asIs");
      equal(kernel.line(437).level, 1);
      await output.write(0);
      equal(kernel.line(437).level, 0);
    });

    it("are refused when they were exported before and their direction stays", async () => {
      start({ sysfs: true });
      exportLine(437);
      kernel.line(437).isFixed = true;
      await rejects(
        hardware.openOutput({ gpio: 437 }, 1),
        failsWith("GPIO_UNAVAILABLE", { line: "gpio437", reason: "its direction stays in" }),
      );
    });

    it("are refused when the kernel itself has them", async () => {
      start({ sysfs: true });
      kernel.line(437).isBusy = true;
      await rejects(
        hardware.openOutput({ gpio: 437 }, 1),
        failsWith("GPIO_UNAVAILABLE", { reason: "EBUSY" }),
      );
    });

    it("can be opened again, also the other way round", async () => {
      start({ sysfs: true });
      await hardware.openOutput({ gpio: 437 }, 1);
      await hardware.openOutput({ gpio: 437 }, 0);
      equal(kernel.line(437).level, 0);
      kernel.setOutside(437, 1);
      const input = await hardware.openInput({ gpio: 437 });
      equal(await input.read(), 1);
      equal(kernel.line(437).isOutput, false);
    });

    it("are given to a native thread as a file", async () => {
      start({ sysfs: true });
      deepEqual(await hardware.openNativeOutput({ gpio: 454 }, 0), {
        path: join(kernel.paths.sys, "class/gpio/gpio454/value"),
      });
      deepEqual(kernel.line(454).history, [0, 0]);
    });

    it("make an I2C bus of open files, which are closed again when the bus has its own", async () => {
      start({ sysfs: true });
      await hardware.openI2cBus(SUPPLY_BUS);
      const [[scl, sda]] = kernel.twoLineBuses as [(typeof kernel.twoLineBuses)[0]];
      equal("directionFd" in scl && "valueFd" in sda, true);
      equal(kernel.line(476).isOutput, false);
      deepEqual(openFiles(), []);
    });
  });

  describe("on character devices", () => {
    it("are held for a native thread until the hardware is closed", async () => {
      start({ sysfs: false, device: "gpiochip0" });
      const line = await hardware.openNativeOutput({ chip: "periphs-banks", offset: 43 }, 0);
      equal("fd" in line, true);
      equal(kernel.line(454).isBusy, true);
      await hardware.close();
      equal(kernel.line(454).isBusy, false);
    });

    it("serve who may not ask for lines in sysfs, also by their numbers there", async () => {
      start({ sysfs: true, device: "gpiochip0" });
      kernel.isRoot = false;
      const line = await hardware.openNativeOutput({ gpio: 454 }, 1);
      equal("fd" in line, true);
      deepEqual(kernel.line(454).history, [1]);
      deepEqual(kernel.writes, []);
    });

    it("make an I2C bus, also beside sysfs", async () => {
      start({ sysfs: true, device: "gpiochip0" });
      await hardware.openI2cBus(SUPPLY_BUS);
      const [[scl]] = kernel.twoLineBuses as [(typeof kernel.twoLineBuses)[0]];
      equal("fd" in scl, true);
      deepEqual(kernel.line(476).history, [1]);
      // The bus has files of its own.
      equal(kernel.line(476).isBusy, false);
    });

    it("are refused with what to write when a board file only has a number", async () => {
      start({ sysfs: false, device: "gpiochip0" });
      await rejects(hardware.openOutput({ gpio: 437 }, 1), failsWith("GPIO_UNAVAILABLE"));
      await rejects(hardware.openI2cBus(SUPPLY_BUS), failsWith("GPIO_UNAVAILABLE"));
    });
  });

  it("that are files are written as such", async () => {
    start({ sysfs: true });
    kernel.put("dev/reset", "");
    const output = await hardware.openOutput({ file: "reset" }, 1);
    equal(kernel.text("dev/reset"), "1");
    await output.write(0);
    equal(kernel.text("dev/reset"), "0");
    deepEqual(await hardware.openNativeOutput({ file: "reset" }, 1), {
      path: join(kernel.paths.dev, "reset"),
    });
    await rejects(hardware.openOutput({ file: "none" }, 1), failsWith("GPIO_UNAVAILABLE"));
  });

  it("of the virtual machine, and its other parts, are not here", async () => {
    start({ sysfs: true });
    await rejects(hardware.openInput({ virtual: "plug-0" }), failsWith("GPIO_UNAVAILABLE"));
    await rejects(
      hardware.openI2cBus({ virtual: "boards", ...source }),
      failsWith("I2C_UNAVAILABLE"),
    );
    await rejects(
      hardware.openPwm({
        ...{ name: "rear", pwm: { virtual: "fan-rear" }, periodNs: 1, fans: [1] },
        ...source,
      }),
      failsWith("PWM_UNAVAILABLE"),
    );
    await rejects(
      hardware.openTach({ fan: 1, tach: { virtual: "fan-1" }, pulsesPerTurn: 2, ...source }),
      failsWith("TACH_UNAVAILABLE"),
    );
  });

  it("stand beside the device tree, whose model ends with a zero", async () => {
    start({ sysfs: true });
    equal(await hardware.deviceTreeModel(), undefined);
    kernel.put("proc/device-tree/model", "TI AM335x BeagleBone\0");
    equal(await hardware.deviceTreeModel(), "TI AM335x BeagleBone");
  });
});
