import { deepEqual, equal, throws } from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TWO_LINE_STATUS } from "../../../src/hal/native-gpio.js";
import { loadAddon } from "../../../src/hal/native.js";

const addon = loadAddon();
const { GpioLine, TwoLineBus } = addon;

describe("native GPIO lines", () => {
  it("throw the system's own errors", () => {
    throws(() => addon.readGpioChip("/nonexistent/gpiochip0"), { code: "ENOENT", syscall: "open" });
    throws(() => addon.readGpioChip("/dev/null"), { code: "ENOTTY", syscall: "ioctl" });
    throws(() => new GpioLine("/nonexistent/gpiochip0", 1, "input", 0), { code: "ENOENT" });
    throws(() => new GpioLine("/dev/null", 1, "output", 1), { code: "ENOTTY" });
  });

  it("refuse wrong arguments by name", () => {
    const make = GpioLine as unknown as new (...args: unknown[]) => unknown;
    throws(() => new make("/dev/null", -1, "input", 0), /^TypeError: offset/);
    throws(() => new make("/dev/null", 1, "inputs", 0), /^TypeError: use/);
    throws(() => new make("/dev/null", 1, "output", 2), /^TypeError: level/);
    throws(() => new make(1, 1, "output", 1), /^TypeError: device/);
  });
});

describe("native watchdog", () => {
  it("is refused by a file that is no watchdog", () => {
    const fd = openSync("/dev/null", "w");
    throws(() => addon.setWatchdogTimeout(fd, 30), { code: "ENOTTY" });
    closeSync(fd);
  });
});

describe("native I2C on two lines of sysfs", () => {
  let folder: string;
  const fds: number[] = [];

  const line = (name: string, value: string): { directionFd: number; valueFd: number } => {
    const [direction, level] = [join(folder, `${name}.direction`), join(folder, `${name}.value`)];
    writeFileSync(direction, "in");
    writeFileSync(level, value);
    const opened = { directionFd: openSync(direction, "r+"), valueFd: openSync(level, "r+") };
    fds.push(opened.directionFd, opened.valueFd);
    return opened;
  };
  const directionOf = (name: string): string =>
    readFileSync(join(folder, `${name}.direction`), "utf8");
  const closeAll = (): void => {
    for (const fd of fds.splice(0)) closeSync(fd);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-two-lines-"));
  });

  afterEach(() => {
    closeAll();
    rmSync(folder, { recursive: true });
  });

  it("finds nobody on a bus that stays high, also when its files are closed by others", async () => {
    const bus = new TwoLineBus(line("scl", "1"), line("sda", "1"));
    closeAll();
    const { status, read } = await bus.transfer(0x48, new Uint8Array(), 2);
    // Nobody pulls the data line: with the first zero bit read back as one nothing was lost, and no answer came.
    equal(TWO_LINE_STATUS[status], "nack");
    deepEqual(read, new Uint8Array(2));
    // "low" was overwritten by "in", character by character, as in a file that is no line.
    equal(directionOf("sda").slice(0, 2), "in");
    bus.close();
    throws(() => void bus.recover(), { code: "EBADF" });
  });

  it("does not start on a data line that is low, and cannot free it", async () => {
    const bus = new TwoLineBus(line("scl", "1"), line("sda", "0"));
    equal(TWO_LINE_STATUS[(await bus.transfer(0x48, Uint8Array.of(1), 0)).status], "stuck");
    equal(TWO_LINE_STATUS[(await bus.recover()).status], "stuck");
  });

  it("refuses wrong arguments", () => {
    const bus = new TwoLineBus(line("scl", "1"), line("sda", "1"));
    throws(() => void bus.transfer(0x80, new Uint8Array(), 1), RangeError);
    throws(() => void bus.transfer(0x48, new Uint8Array(), 5000), RangeError);
    throws(() => new TwoLineBus({ fd: 1_000_000 }, { fd: 1_000_000 }), { code: "EBADF" });
  });

  it("does not hold up the event loop while the clock is held", async () => {
    const bus = new TwoLineBus(line("scl", "0"), line("sda", "1"));
    let turns = 0;
    const counting = setInterval(() => turns++, 5);
    const { status } = await bus.transfer(0x48, Uint8Array.of(1), 0);
    clearInterval(counting);
    equal(TWO_LINE_STATUS[status], "clockHeld");
    equal(turns > 5, true, String(turns));
  });
});
