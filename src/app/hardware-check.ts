import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { candidateTtys } from "../boards/candidate-ttys.js";
import type { Bus, Line } from "../boards/schema/control-board.js";
import type { ControlBoard } from "../boards/machine-spec.js";
import { lineName } from "../hal/line-name.js";
import { deviceTreeModel } from "../hal/linux/device-tree.js";
import { findGpioChips, placeLine, type CharChip, type GpioChip } from "../hal/linux/gpio-chips.js";
import { readKernelNumber } from "../hal/linux/kernel-file.js";
import { linuxPaths, type LinuxPaths } from "../hal/linux/linux-paths.js";
import { loadAddon } from "../hal/native.js";
import { isMinerError, MinerError } from "../lib/errors.js";
import type { HardwareFinding, HardwareWish } from "./hardware-finding.js";
import { hardwareReport } from "./hardware-report.js";

/** What reaches the kernel; another one in tests. */
export interface HardwareSight {
  readonly paths: LinuxPaths;
  readonly readChip: (device: string) => CharChip;
  /** Whether this process may open a file in a mode of `access`. */
  readonly mayOpen: (path: string, mode: number) => boolean;
}

const READ_AND_WRITE = constants.R_OK | constants.W_OK;

function kernelSight(deviceDir: string): HardwareSight {
  const readChip = (device: string): CharChip => loadAddon().readGpioChip(device);
  return { paths: linuxPaths(deviceDir), readChip, mayOpen };
}

/**
 * Asks the computer for everything that the machine needs. It only looks: no output is opened, nothing is written, and a
 * watchdog is not started.
 */
export function checkHardware(
  { board, slots, deviceDir }: HardwareWish,
  sight: HardwareSight = kernelSight(deviceDir),
): HardwareFinding[] {
  const lines = new LineSearch(sight);
  const buses = board.buses ?? {};
  return [
    deviceTree(board, sight),
    serialPorts(board, slots, sight),
    ...bus("I2C to boards", buses.boards, sight, lines),
    ...bus("I2C to supply", buses.psu, sight, lines),
    ...lines.finding("GPIO lines", linesOf(board, slots)),
    ...pwmChannels(board, sight),
    ...watchdog(board, sight),
  ];
}

/**
 * Gives way when everything is there; otherwise tells `report` on one screen what was looked for and what to do.
 * @throws BOARD_MODEL_MISMATCH, HARDWARE_MISSING
 */
export function requireHardware(
  wish: HardwareWish,
  report: (text: string) => void,
  sight?: HardwareSight,
): void {
  const findings = checkHardware(wish, sight);
  const missing = findings.filter(({ is }) => is !== "found" && is !== "unneeded");
  if (missing.length === 0) return;
  report(hardwareReport(wish, findings));
  const pair = { machine: wish.machine.name, controlBoard: wish.board.name };
  const mismatch = missing.find(({ part, is }) => part === "device tree" && is === "wrong");
  if (mismatch !== undefined)
    throw new MinerError("BOARD_MODEL_MISMATCH", { ...pair, model: mismatch.found });
  throw new MinerError("HARDWARE_MISSING", {
    ...pair,
    missing: missing.map(({ part }) => part).join(", "),
  });
}

function deviceTree(
  { deviceTree: wanted }: ControlBoard,
  { paths }: HardwareSight,
): HardwareFinding {
  const models = wanted?.models ?? [];
  const lookedFor = models.length > 0 ? `a model with ${models.join(" or ")}` : "any model";
  const model = deviceTreeModel(paths.proc);
  const part = "device tree";
  if (model === undefined) return { part, lookedFor, is: "missing", found: "no device tree" };
  const fits = models.length === 0 || models.some((text) => model.includes(text));
  return { part, lookedFor, is: fits ? "found" : "wrong", found: model };
}

/** Where it is disputed which slot hangs on which tty, any of those that are named will do for another. */
function serialPorts(
  board: ControlBoard,
  slots: readonly number[],
  sight: HardwareSight,
): HardwareFinding {
  const ttys = slots.map((slot) => board.chains[slot]?.tty ?? "").filter((tty) => tty !== "");
  const isThere = (tty: string): boolean => existsSync(join(sight.paths.dev, tty));
  const others = candidateTtys(board).filter((tty) => !ttys.includes(tty) && isThere(tty));
  const spare = board.chainFacts.orderDisputed === true ? others : [];
  const wanted = ttys.map((tty) => (isThere(tty) ? tty : (spare.shift() ?? tty)));
  return devices("serial ports", wanted, sight);
}

/** Devices that must be there and may be read and written. */
function devices(
  part: HardwareFinding["part"],
  names: readonly string[],
  { paths: { dev }, mayOpen: may }: HardwareSight,
): HardwareFinding {
  const lookedFor = names.join(" ");
  const missing = names.filter((name) => !existsSync(join(dev, name)));
  if (missing.length > 0)
    return { part, lookedFor, is: "missing", found: someOf(names, missing, "missing") };
  const forbidden = names.filter((name) => !may(join(dev, name), READ_AND_WRITE));
  if (forbidden.length > 0)
    return { part, lookedFor, is: "forbidden", found: someOf(names, forbidden, "not permitted") };
  return { part, lookedFor, is: "found", found: "there" };
}

function bus(
  part: "I2C to boards" | "I2C to supply",
  wanted: Bus | undefined,
  sight: HardwareSight,
  lines: LineSearch,
): HardwareFinding[] {
  if (wanted === undefined || "virtual" in wanted) return [];
  if ("device" in wanted) return [devices(part, [wanted.device], sight)];
  return lines.finding(part, [wanted.scl, wanted.sda]);
}

/** Every line that the life of a machine needs; lights and buttons may be missing. */
function linesOf(board: ControlBoard, slots: readonly number[]): Line[] {
  const chains = slots.flatMap((slot) => board.chains[slot] ?? []);
  return [
    ...chains.map(({ reset }) => reset),
    ...chains.flatMap(({ present }) => present ?? []),
    ...(board.psuEnable === undefined ? [] : [board.psuEnable.line]),
    ...(board.tachs ?? []).flatMap(({ tach }) => ("edges" in tach ? [tach.edges] : [])),
  ];
}

function pwmChannels(board: ControlBoard, { paths }: HardwareSight): HardwareFinding[] {
  const duty = (board.fanGroups ?? []).flatMap(({ pwm }) => ("chip" in pwm ? [pwm] : []));
  const capture = (board.tachs ?? []).flatMap(({ tach }) =>
    "capture" in tach ? [{ chip: tach.capture, channel: tach.channel }] : [],
  );
  const channels = [...duty, ...capture];
  if (channels.length === 0) return [];
  const names = [...new Set(channels.map(({ chip }) => chip))];
  const missing = names.filter((chip) => {
    const count = readKernelNumber(join(paths.sys, "class", "pwm", chip, "npwm")) ?? 0;
    return channels.some((each) => each.chip === chip && each.channel >= count);
  });
  const lookedFor = `${names.join(" ")} (${String(channels.length)} channels)`;
  const is = missing.length > 0 ? "missing" : "found";
  const found = missing.length > 0 ? someOf(names, missing, "missing") : "there";
  return [{ part: "fan PWM", lookedFor, is, found }];
}

function watchdog({ watchdog: wanted }: ControlBoard, sight: HardwareSight): HardwareFinding[] {
  if (wanted === undefined) return [];
  // Opening it would start it.
  const finding = devices("watchdog", [wanted.device], sight);
  if (finding.is === "found") return [finding];
  return [{ ...finding, is: "unneeded", found: `${finding.found} (not needed)` }];
}

/** Looks for lines among the chips of this computer. */
class LineSearch {
  readonly #chips: readonly GpioChip[];
  readonly #sight: HardwareSight;

  constructor(sight: HardwareSight) {
    this.#sight = sight;
    this.#chips = findGpioChips(sight.paths, sight.readChip);
  }

  finding(part: HardwareFinding["part"], lines: readonly Line[]): HardwareFinding[] {
    const wanted = lines.filter((line) => "gpio" in line || "chip" in line);
    if (wanted.length === 0) return [];
    const names = wanted.map(lineName);
    const lookedFor =
      names.length > 3 ? `${String(names.length)} lines, ${rangeOf(names)}` : names.join(" ");
    if (this.#chips.length === 0)
      return [{ part, lookedFor, is: "missing", found: "no GPIO chip" }];
    const missing = wanted.filter((line) => !this.#isThere(line)).map(lineName);
    if (missing.length > 0)
      return [{ part, lookedFor, is: "missing", found: someOf(names, missing, "missing") }];
    const forbidden = wanted.filter((line) => !this.#isUsable(line)).map(lineName);
    if (forbidden.length > 0)
      return [
        { part, lookedFor, is: "forbidden", found: someOf(names, forbidden, "not permitted") },
      ];
    return [{ part, lookedFor, is: "found", found: "there" }];
  }

  #isThere(line: Line): boolean {
    try {
      placeLine(line, this.#chips);
      return true;
    } catch (error) {
      if (isMinerError(error, "GPIO_UNAVAILABLE")) return false;
      throw error;
    }
  }

  #isUsable(line: Line): boolean {
    const { number, on } = placeLine(line, this.#chips);
    const { paths, mayOpen: may } = this.#sight;
    const exportFile = join(paths.sys, "class", "gpio", "export");
    if (number !== undefined && may(exportFile, constants.W_OK)) return true;
    return on !== undefined && may(on.device, READ_AND_WRITE);
  }
}

function mayOpen(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    // Whether it may be used is what is asked.
    return false;
  }
}

/** `missing`, or `ttyS2 ttyS3 missing` when others are there. */
function someOf(all: readonly string[], some: readonly string[], what: string): string {
  return some.length === all.length ? what : `${some.join(" ")} ${what}`;
}

function rangeOf(names: readonly string[]): string {
  const sorted = [...new Set(names)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return `${sorted[0] ?? ""} to ${sorted.at(-1) ?? ""}`;
}
