import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Level } from "../../../src/hal/gpio.js";
import { LinuxHardware } from "../../../src/hal/linux/linux-hardware.js";
import { VirtualHardware } from "../../../src/hal/virtual/virtual-hardware.js";
import { ImitatedKernel } from "./linux/imitated-kernel.js";
import { describeGpio, type GpioRig } from "./suites/gpio-suite.js";
import { FakeMachine, type Answer, type Request } from "./virtual/fake-machine.js";

const CHIP = { label: "periphs-banks", base: 411, lines: 86 };

/** Lines 439 (input) and 437 (output) of an imitated kernel. */
function kernelRig(kernel: ImitatedKernel, named: "number" | "offset"): GpioRig {
  const hardware = new LinuxHardware(kernel.paths, kernel.libraries());
  const line = (number: number) =>
    named === "number" ? { gpio: number } : { chip: CHIP.label, offset: number - CHIP.base };
  const output = kernel.line(437);
  return {
    hardware,
    input: line(439),
    output: line(437),
    missing: line(900),
    setInput: (level) => {
      kernel.setOutside(439, level);
    },
    leaveOutput: (level) => {
      output.leaveDriven(level);
    },
    outputLevel: () => output.level,
    outputHistory: () => output.history,
    breakLines: () => {
      for (const each of [439, 437]) kernel.line(each).isBroken = true;
    },
    close: async () => {
      await hardware.close();
      kernel.remove();
    },
  };
}

describeGpio("sysfs, by number", () => {
  const kernel = new ImitatedKernel();
  kernel.addChip(CHIP, { sysfs: true });
  return Promise.resolve(kernelRig(kernel, "number"));
});

describeGpio("sysfs, by chip and offset", () => {
  const kernel = new ImitatedKernel();
  kernel.addChip({ label: "ao-bank", base: 497, lines: 15 }, { sysfs: true });
  kernel.addChip(CHIP, { sysfs: true, device: "gpiochip1" });
  return Promise.resolve(kernelRig(kernel, "offset"));
});

describeGpio("character device", () => {
  const kernel = new ImitatedKernel();
  kernel.addChip({ label: "ao-bank", base: 497, lines: 15 }, { sysfs: false, device: "gpiochip0" });
  kernel.addChip(CHIP, { sysfs: false, device: "gpiochip1" });
  return Promise.resolve(kernelRig(kernel, "offset"));
});

describeGpio("socket of the virtual machine", async () => {
  const levels = new Map<string, Level>([
    ["plug-0", 0],
    ["led-red", 0],
  ]);
  const history: Level[] = [];
  let isBroken = false;
  const answer = (request: Request): Answer => {
    const line = String(request["line"]);
    const level = levels.get(line);
    if (level === undefined || isBroken) return { ok: false, error: "noLine" };
    if (request["do"] === "gpioRead") return { ok: true, level };
    levels.set(line, request["level"] as Level);
    history.push(request["level"] as Level);
    return { ok: true };
  };
  const machine = await new FakeMachine(answer).listen();
  const hardware = new VirtualHardware(machine.deviceDir);
  return {
    hardware,
    input: { virtual: "plug-0" },
    output: { virtual: "led-red" },
    missing: { virtual: "plug-9" },
    setInput: (level) => levels.set("plug-0", level),
    leaveOutput: (level) => levels.set("led-red", level),
    outputLevel: () => levels.get("led-red")!,
    outputHistory: () => history,
    breakLines: () => {
      isBroken = true;
    },
    close: async () => {
      await hardware.close();
      await machine.remove();
    },
  };
});

describeGpio("FIFO of the virtual machine", async () => {
  let plug: Level = 0;
  let isBroken = false;
  const answer = (request: Request): Answer =>
    isBroken || request["line"] !== "plug-0"
      ? { ok: false, error: "noLine" }
      : { ok: true, level: plug };
  const machine = await new FakeMachine(answer).listen();
  const path = join(machine.deviceDir, "psu-enable");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const hardware = new VirtualHardware(machine.deviceDir);
  const history: Level[] = [];
  let left: Level = 1;
  const drain = (): void => {
    const bytes = Buffer.alloc(64);
    for (const text of bytes.toString("latin1", 0, readSync(reader, bytes)))
      history.push(text === "0" ? 0 : 1);
  };
  return {
    hardware,
    input: { virtual: "plug-0" },
    output: { file: "psu-enable" },
    missing: { file: "psu-disable" },
    setInput: (level) => {
      plug = level;
    },
    leaveOutput: (level) => {
      left = level;
    },
    outputLevel: () => {
      drain();
      return history.at(-1) ?? left;
    },
    outputHistory: () => {
      drain();
      return history;
    },
    breakLines: () => {
      isBroken = true;
      rmSync(path);
    },
    close: async () => {
      closeSync(reader);
      await hardware.close();
      await machine.remove();
    },
  };
});
