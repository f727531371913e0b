import { join } from "node:path";
import type { Line } from "../../boards/schema/control-board.js";
import { MinerError } from "../../lib/errors.js";
import { lineName } from "../line-name.js";
import { kernelNames, readKernelNumber, readKernelText } from "./kernel-file.js";
import type { LinuxPaths } from "./linux-paths.js";

/** A GPIO chip as the kernel shows it. */
export interface GpioChip {
  readonly label: string;
  readonly lines: number;
  /** Number of its first line in the numbering of sysfs; undefined where there is no sysfs. */
  readonly base: number | undefined;
  /** Its character device; undefined where it has none, or chips of one label cannot be told apart. */
  readonly device: string | undefined;
}

/** What a character device says of its chip. */
export interface CharChip {
  readonly label: string;
  readonly lines: number;
}

/** A line where it can be had: by number in sysfs, by offset on a character device, or both. */
export interface PlacedLine {
  readonly name: string;
  readonly number: number | undefined;
  readonly on: { readonly device: string; readonly offset: number } | undefined;
}

/**
 * The chips of this computer. `ask` reads the label from a character device, and throws when it cannot.
 * Newer kernels number the lines from another base than older ones, so nothing but these files tells a number.
 */
export function findGpioChips(paths: LinuxPaths, ask: (device: string) => CharChip): GpioChip[] {
  const devices = charDevices(paths.dev, ask);
  const numbered = sysfsChips(join(paths.sys, "class", "gpio"));
  const found = numbered.map((chip) => ({ ...chip, device: only(devices, chip)?.device }));
  const others = devices
    .filter((device) => !numbered.some((chip) => isSame(chip, device)))
    .map((device) => ({ ...device, base: undefined }));
  return [...found, ...others];
}

/**
 * Where a line is. A line that takes `0` and `1` as a file is none of these.
 * @throws GPIO_UNAVAILABLE with the chips that are there
 */
export function placeLine(line: Line, chips: readonly GpioChip[]): PlacedLine {
  const name = lineName(line);
  if ("gpio" in line) {
    const { gpio } = line;
    const chip = chips.find(
      ({ base, lines }) => base !== undefined && gpio >= base && gpio < base + lines,
    );
    if (chip?.base !== undefined) return placed(name, chip, gpio - chip.base);
    const isNumbered = chips.some(({ base }) => base !== undefined);
    const reason = isNumbered
      ? "no chip has a line of this number"
      : "this kernel does not number lines: write { chip: LABEL, offset: N } in the board file";
    throw unavailable(name, reason, chips);
  }
  if ("chip" in line) {
    const [chip, second] = chips.filter(({ label }) => label === line.chip);
    if (chip === undefined) throw unavailable(name, "no chip has this label", chips);
    if (second !== undefined) throw unavailable(name, "several chips have this label", chips);
    if (line.offset >= chip.lines)
      throw unavailable(name, `the chip has ${String(chip.lines)} lines`, chips);
    return placed(name, chip, line.offset);
  }
  throw unavailable(name, "no line of a GPIO chip", chips);
}

function placed(name: string, { base, device }: GpioChip, offset: number): PlacedLine {
  return {
    name,
    number: base === undefined ? undefined : base + offset,
    on: device === undefined ? undefined : { device, offset },
  };
}

function unavailable(line: string, reason: string, chips: readonly GpioChip[]): MinerError {
  const there = chips.map(({ label, base, lines }) =>
    base === undefined
      ? `${label} (${String(lines)} lines)`
      : `${label} ${String(base)}..${String(base + lines - 1)}`,
  );
  return new MinerError("GPIO_UNAVAILABLE", { line, reason, chips: there.join(", ") || "none" });
}

type Device = CharChip & { readonly device: string };

function charDevices(dev: string, ask: (device: string) => CharChip): Device[] {
  return kernelNames(dev)
    .filter((name) => /^gpiochip\d+$/.test(name))
    .flatMap((name) => {
      const device = join(dev, name);
      try {
        return [{ ...ask(device), device }];
      } catch {
        // One that cannot be asked cannot be used either; the lines on it will be missed by name.
        return [];
      }
    });
}

function sysfsChips(folder: string): { label: string; lines: number; base: number }[] {
  return kernelNames(folder)
    .filter((name) => /^gpiochip\d+$/.test(name))
    .flatMap((name) => {
      const label = readKernelText(join(folder, name, "label"));
      const base = readKernelNumber(join(folder, name, "base"));
      const lines = readKernelNumber(join(folder, name, "ngpio"));
      if (label === undefined || base === undefined || lines === undefined) return [];
      return [{ label, base, lines }];
    });
}

function isSame(one: CharChip, other: CharChip): boolean {
  return one.label === other.label && one.lines === other.lines;
}

/** The one device of this label; undefined when there are several. */
function only(devices: readonly Device[], chip: CharChip): Device | undefined {
  const [device, second] = devices.filter((each) => isSame(each, chip));
  return second === undefined ? device : undefined;
}
