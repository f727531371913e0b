import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { LinuxLibraries } from "../../../../src/hal/linux/linux-hardware.js";
import type { LinuxPaths } from "../../../../src/hal/linux/linux-paths.js";
import type { NativeOpenDrainLine } from "../../../../src/hal/native-gpio.js";
import { fakeGpioAddon } from "./fake-gpio-addon.js";
import { fakeOnoff } from "./fake-onoff.js";
import { FakeLine } from "./fake-line.js";

export function kernelError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

/** The kernel of a control board: a tree of files, and what happens when they are written. */
export class ImitatedKernel {
  readonly root = mkdtempSync(join(tmpdir(), "headframe-kernel-"));
  readonly paths: LinuxPaths;
  /** By number in sysfs. */
  readonly lines = new Map<number, FakeLine>();
  /** Label of the chip and number of its first line, by character device. */
  readonly chips = new Map<string, { label: string; base: number; lines: number }>();
  /** Clock and data line of the buses that were made of two lines. */
  readonly twoLineBuses: (readonly [NativeOpenDrainLine, NativeOpenDrainLine])[] = [];
  /** Times that the watchdog was told. */
  readonly watchdogTimes: number[] = [];

  constructor() {
    const at = (name: string): string => join(this.root, name);
    this.paths = { sys: at("sys"), dev: at("dev"), proc: at("proc") };
    for (const folder of [this.paths.sys, this.paths.dev, this.paths.proc]) mkdirSync(folder);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  text(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  /** A GPIO chip: in sysfs, as a character device, or both. */
  addChip(
    { label, base, lines }: { label: string; base: number; lines: number },
    { sysfs, device }: { readonly sysfs: boolean; readonly device?: string },
  ): void {
    for (let number = base; number < base + lines; number++) this.lines.set(number, new FakeLine());
    if (sysfs) {
      this.put("sys/class/gpio/export", "");
      for (const [file, value] of Object.entries({ label, base, ngpio: lines }))
        this.put(`sys/class/gpio/gpiochip${String(base)}/${file}`, `${String(value)}\n`);
    }
    if (device === undefined) return;
    this.put(`dev/${device}`, "");
    this.chips.set(join(this.paths.dev, device), { label, base, lines });
  }

  line(number: number): FakeLine {
    const line = this.lines.get(number);
    if (line === undefined) throw kernelError("EINVAL");
    return line;
  }

  /** The world pulls at a line. */
  setOutside(number: number, level: 0 | 1): void {
    this.line(number).outside = level;
    this.#show(number);
  }

  isExported(number: number): boolean {
    return existsSync(this.#lineFile(number, ""));
  }

  addPwmChip(name: string, channels: number): void {
    this.put(`sys/class/pwm/${name}/npwm`, `${String(channels)}\n`);
    this.put(`sys/class/pwm/${name}/export`, "");
  }

  /** Everything that a LinuxHardware needs, over this kernel. */
  libraries(): LinuxLibraries {
    return {
      openI2cBus: () => Promise.reject(kernelError("ENOENT")),
      onoff: fakeOnoff(this),
      addon: fakeGpioAddon(this),
      write: (path, text) => {
        this.write(path, text);
      },
      mayWrite: () => this.isRoot,
    };
  }

  /** Whether the program may write files of sysfs. */
  isRoot = true;

  /** Every file of sysfs that was written, below /sys/class, and what. */
  readonly writes: string[] = [];

  /** What the kernel does when a file of sysfs is written. */
  write(path: string, text: string): void {
    this.writes.push(`${path.replace(/^.*\/class\//, "")} ${text}`);
    const file = basename(path);
    if (!existsSync(path)) throw kernelError("ENOENT");
    const pwm = /pwmchip[^/]*\/pwm(\d+)\//.exec(path);
    const gpio = /\/gpio(\d+)\//.exec(path);
    if (path.includes("/class/pwm/") && file === "export") this.#exportPwm(dirname(path), text);
    else if (pwm !== null) this.#writePwm(dirname(path), file, text);
    else if (file === "export") this.#exportLine(Number(text));
    else if (gpio !== null) this.#writeLine(Number(gpio[1]), file, text);
    else throw kernelError("EACCES");
  }

  #exportLine(number: number): void {
    const line = this.line(number);
    if (line.isBusy) throw kernelError("EBUSY");
    if (this.isExported(number)) throw kernelError("EBUSY");
    mkdirSync(this.#lineFile(number, ""));
    this.#show(number);
  }

  #writeLine(number: number, file: string, text: string): void {
    const line = this.line(number);
    if (line.isBroken) throw kernelError("EIO");
    if (file === "direction") {
      if (line.isFixed) throw kernelError("EIO");
      if (text === "in") line.isOutput = false;
      else line.drive(text === "high" ? 1 : 0);
    } else if (file === "active_low") line.isUpsideDown = text === "1";
    else if (file === "edge") line.edge = text;
    else if (file === "value") {
      if (!line.isOutput) throw kernelError("EPERM");
      const asked = text === "1" ? 1 : 0;
      line.drive(line.isUpsideDown ? (asked === 1 ? 0 : 1) : asked);
    }
    this.#show(number);
  }

  #show(number: number): void {
    if (!this.isExported(number)) return;
    const line = this.line(number);
    const level = line.isUpsideDown ? 1 - line.level : line.level;
    const files = {
      direction: line.isOutput ? "out" : "in",
      value: level,
      active_low: line.isUpsideDown ? 1 : 0,
      edge: line.edge,
    };
    for (const [file, value] of Object.entries(files))
      writeFileSync(this.#lineFile(number, file), `${String(value)}\n`);
  }

  #lineFile(number: number, file: string): string {
    return join(this.paths.sys, "class/gpio", `gpio${String(number)}`, file);
  }

  #exportPwm(chip: string, channel: string): void {
    const folder = join(chip, `pwm${channel}`);
    mkdirSync(folder);
    for (const [file, value] of Object.entries({
      period: "0",
      duty_cycle: "0",
      enable: "0",
      polarity: "normal",
    }))
      writeFileSync(join(folder, file), `${value}\n`);
  }

  /** Documented: a pulse is never longer than its period, and an output without a period cannot run. */
  #writePwm(folder: string, file: string, text: string): void {
    const value = (name: string): number => Number(readFileSync(join(folder, name), "utf8"));
    const wanted = Number(text);
    if (existsSync(join(folder, "broken"))) throw kernelError("EIO");
    if (file === "period" && wanted < value("duty_cycle")) throw kernelError("EINVAL");
    if (file === "duty_cycle" && wanted > value("period")) throw kernelError("EINVAL");
    if (file === "enable" && wanted === 1 && value("period") === 0) throw kernelError("EINVAL");
    if (file === "polarity" && value("enable") === 1) throw kernelError("EBUSY");
    writeFileSync(join(folder, file), `${text}\n`);
  }
}
