import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  checkHardware,
  requireHardware,
  type HardwareSight,
} from "../../../src/app/hardware-check.js";
import type { HardwareWish } from "../../../src/app/hardware-finding.js";
import { loadMachine } from "../../../src/boards/load-machine.js";
import { isMinerError, type ErrorCode } from "../../../src/lib/errors.js";

const machine = loadMachine("s19k-pro");
const board = machine.controlBoards.find(({ name }) => name === "amlogic-a113d")!;
const SCREEN_COLUMNS = 80;
const SCREEN_LINES = 24;

/** An Amlogic board as its kernel shows it. */
const FILES: Readonly<Record<string, string>> = {
  "proc/device-tree/model": "Amlogic\0",
  "dev/ttyS1": "",
  "dev/ttyS2": "",
  "dev/ttyS3": "",
  "dev/i2c-1": "",
  "dev/watchdog": "",
  "sys/class/gpio/export": "",
  "sys/class/gpio/gpiochip411/label": "periphs-banks\n",
  "sys/class/gpio/gpiochip411/base": "411\n",
  "sys/class/gpio/gpiochip411/ngpio": "86\n",
  "sys/class/pwm/pwmchip0/npwm": "2\n",
};

describe("hardware check", () => {
  let root: string;
  let wish: HardwareWish;
  let sight: HardwareSight;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "headframe-check-"));
    const dev = join(root, "dev");
    wish = { machine, board, slots: [0, 1, 2], deviceDir: dev };
    const paths = { dev, sys: join(root, "sys"), proc: join(root, "proc") };
    sight = { paths, readChip: () => ({ label: "other", lines: 4 }), mayOpen: () => true };
    for (const [file, text] of Object.entries(FILES)) put(file, text);
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const put = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const remove = (file: string): void => {
    rmSync(join(root, file), { recursive: true });
  };
  const notFound = (): Record<string, string> =>
    Object.fromEntries(
      checkHardware(wish, sight)
        .filter(({ is }) => is !== "found")
        .map(({ part, found }) => [part, found]),
    );
  const failure = (): { code: ErrorCode; report: string; missing: unknown } => {
    let report = "";
    try {
      requireHardware(wish, (text) => (report += text), sight);
    } catch (error) {
      ok(isMinerError(error));
      return { code: error.code, report, missing: error.context["missing"] };
    }
    throw new Error("nothing was missing");
  };

  it("gives way on the control board, without a word", () => {
    deepEqual(notFound(), {});
    requireHardware(
      wish,
      () => {
        throw new Error("there is nothing to report");
      },
      sight,
    );
  });

  it("leaves no trace: no file is written and none is made", () => {
    const state = (): unknown[] =>
      readdirSync(root, { recursive: true, encoding: "utf8" })
        .sort()
        .map((file) => [file, statSync(join(root, file)).mtimeMs]);
    const before = state();
    checkHardware(wish, sight);
    deepEqual(state(), before);
  });

  it("tells on one screen what an ordinary computer lacks, and what to do there", () => {
    for (const folder of ["proc", "dev", "sys"]) remove(folder);
    const { code, report, missing } = failure();
    equal(code, "HARDWARE_MISSING");
    equal(missing, "device tree, serial ports, I2C to boards, I2C to supply, GPIO lines, fan PWM");
    for (const name of ["s19k-pro", "amlogic-a113d", "ttyS1", "i2c-1", "gpio476", "pwmchip0"])
      match(report, new RegExp(name));
    match(report, /headframe demo/);
    match(report, /headframe virtual --machine s19k-pro/);
  });

  it("fits a screen for every pair of machine and board, whatever is missing", () => {
    const pairs = ["s19k-pro", "s19j-pro", "s19-xp", "s21"].flatMap((name) => {
      const each = loadMachine(name);
      return each.controlBoards
        .filter((other) => !other.virtual)
        .map((other) => ({ ...wish, machine: each, board: other }));
    });
    ok(pairs.length > 4);
    for (const tree of [
      undefined,
      "Amlogic",
      "Some other board, made by somebody who likes long names",
    ]) {
      for (const folder of ["proc", "dev", "sys"])
        rmSync(join(root, folder), { recursive: true, force: true });
      if (tree !== undefined) put("proc/device-tree/model", tree);
      for (const pair of pairs) {
        let report = "";
        throws(() => {
          requireHardware(pair, (text) => (report += text), sight);
        });
        const lines = report.split("\n");
        // The error itself takes a few lines more.
        ok(lines.length <= SCREEN_LINES - 5, report);
        for (const line of lines) ok(line.length <= SCREEN_COLUMNS, line);
      }
    }
  });

  it("names another board's device tree, and that alone is what is wrong", () => {
    put("proc/device-tree/model", "TI AM335x BeagleBone\0");
    remove("dev/ttyS2");
    const { code, report } = failure();
    equal(code, "BOARD_MODEL_MISMATCH");
    match(report, /TI AM335x BeagleBone/);
    match(report, /headframe boards list/);
  });

  for (const [file, part, found] of [
    ["proc/device-tree", "device tree", "no device tree"],
    ["dev/ttyS2", "serial ports", "ttyS2 missing"],
    ["dev/i2c-1", "I2C to boards", "missing"],
    ["sys/class/pwm/pwmchip0", "fan PWM", "missing"],
  ] as const)
    it(`names the missing part without ${file}`, () => {
      remove(file);
      deepEqual(notFound(), { [part]: found });
      equal(failure().missing, part);
    });

  it("looks only for the serial ports of slots in use", () => {
    remove("dev/ttyS2");
    wish = { ...wish, slots: [0, 2] };
    deepEqual(notFound(), {});
  });

  it("takes another tty that sources name where it is disputed which slot hangs on which", () => {
    remove("dev/ttyS3");
    put("dev/ttyS4", "");
    deepEqual(notFound(), {});
    remove("dev/ttyS1");
    deepEqual(notFound(), { "serial ports": "ttyS3 missing" }, "one for two");
  });

  it("runs without a watchdog", () => {
    remove("dev/watchdog");
    deepEqual(notFound(), { watchdog: "missing (not needed)" });
    requireHardware(wish, () => undefined, sight);
  });

  it("misses lines that a kernel with another numbering does not have, and says how to name them", () => {
    put("sys/class/gpio/gpiochip411/base", "512\n");
    deepEqual(notFound(), { "I2C to supply": "missing", "GPIO lines": "missing" });
    match(failure().report, /give chip and offset/);
  });

  it("finds lines by chip and offset on a kernel without sysfs lines", () => {
    remove("sys/class/gpio");
    put("dev/gpiochip0", "");
    sight = { ...sight, readChip: () => ({ label: "periphs-banks", lines: 86 }) };
    deepEqual(notFound(), { "I2C to supply": "missing", "GPIO lines": "missing" });
    const on = (offset: number) => ({ chip: "periphs-banks", offset });
    wish = {
      ...wish,
      board: {
        ...board,
        chains: [{ tty: "ttyS1", reset: on(43) }],
        psuEnable: { ...board.psuEnable!, line: on(26) },
        tachs: [],
        buses: {},
      },
      slots: [0],
    };
    deepEqual(notFound(), {});
    sight = { ...sight, readChip: () => ({ label: "periphs-banks", lines: 40 }) };
    deepEqual(notFound(), { "GPIO lines": "periphs-banks:43 missing" });
  });

  it("misses a PWM channel that the chip does not have", () => {
    put("sys/class/pwm/pwmchip0/npwm", "1\n");
    deepEqual(notFound(), { "fan PWM": "missing" });
  });

  it("tells to run as root where something is forbidden", () => {
    sight = { ...sight, mayOpen: (path) => !/i2c-1|export/.test(path) };
    deepEqual(notFound(), {
      "I2C to boards": "not permitted",
      "I2C to supply": "not permitted",
      "GPIO lines": "not permitted",
    });
    match(failure().report, /Run it as root/);
  });
});
