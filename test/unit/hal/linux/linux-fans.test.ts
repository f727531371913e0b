import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FanGroup, FanTach } from "../../../../src/boards/schema/control-board.js";
import { CaptureTach } from "../../../../src/hal/linux/capture-tach.js";
import type { EdgeSource } from "../../../../src/hal/linux/edge-source.js";
import { EdgeTach } from "../../../../src/hal/linux/edge-tach.js";
import { LinuxHardware } from "../../../../src/hal/linux/linux-hardware.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { failsWith } from "../suites/errors.js";
import { ImitatedKernel, kernelError } from "./imitated-kernel.js";

const source = { evidence: "documented", source: "test" } as const;
const GROUP: FanGroup = {
  name: "rear",
  pwm: { chip: "pwmchip0", channel: 0 },
  periodNs: 100_000,
  fans: [2, 4],
  ...source,
};
const CAPTURE: FanTach = {
  fan: 1,
  tach: { capture: "pwmchip12", channel: 0 },
  pulsesPerTurn: 2,
  ...source,
};

describe("fans of the kernel", () => {
  let kernel: ImitatedKernel;
  let clock: ManualClock;
  let hardware: LinuxHardware;

  beforeEach(() => {
    kernel = new ImitatedKernel();
    clock = new ManualClock();
    hardware = new LinuxHardware(kernel.paths, kernel.libraries(), clock);
  });

  afterEach(async () => {
    await hardware.close();
    kernel.remove();
  });

  it("get period, then duty, then power, and later only the duty", async () => {
    kernel.addPwmChip("pwmchip0", 2);
    const pwm = await hardware.openPwm(GROUP);
    await pwm.setDutyPct(100);
    await pwm.setDutyPct(50);
    deepEqual(kernel.writes, [
      "pwm/pwmchip0/export 0",
      "pwm/pwmchip0/pwm0/period 100000",
      "pwm/pwmchip0/pwm0/duty_cycle 100000",
      "pwm/pwmchip0/pwm0/enable 1",
      "pwm/pwmchip0/pwm0/duty_cycle 50000",
    ]);
  });

  it("with a signal that is off count as standing, whatever duty is set", async () => {
    kernel.addPwmChip("pwmchip0", 2);
    const pwm = await hardware.openPwm(GROUP);
    equal(await pwm.readDutyPct(), 0);
    await pwm.setDutyPct(80);
    writeFileSync(join(kernel.paths.sys, "class/pwm/pwmchip0/pwm0/enable"), "0");
    equal(await pwm.readDutyPct(), 0);
  });

  it("of a capture channel that never answers fail in time, and again at once while it hangs", async () => {
    kernel.addPwmChip("pwmchip12", 4);
    kernel.put("sys/class/pwm/pwmchip12/pwm0/period", "0");
    const file = join(kernel.paths.sys, "class/pwm/pwmchip12/pwm0/capture");
    // Reading a FIFO waits until somebody writes.
    execFileSync("mkfifo", [file]);
    const tach = await hardware.openTach(CAPTURE);
    const late = rejects(tach.readRpm(), failsWith("TACH_FAILED"));
    await clock.advance(2000);
    await late;
    await rejects(
      tach.readRpm(),
      failsWith("TACH_FAILED", { reason: "the kernel does not answer" }),
    );
    execFileSync("sh", ["-c", 'printf "5000000 2500000\\n" > "$1"', "sh", file]);
  });

  it("of a capture channel stand still when the kernel waited for a pulse in vain", async () => {
    kernel.put("sys/class/pwm/pwmchip12/pwm0/capture", "");
    const { sys } = kernel.paths;
    const by = {
      clock,
      write: () => undefined,
      read: () => Promise.reject(kernelError("ETIMEDOUT")),
    };
    const tach = CaptureTach.open(CAPTURE, { sys, chip: "pwmchip12", channel: 0 }, by);
    equal(await tach.readRpm(), 0);
  });

  describe("by edges", () => {
    const tachOf = (timesUs: readonly number[]): EdgeTach => {
      const edges: EdgeSource = {
        collect: () => Promise.resolve(timesUs),
        close: () => undefined,
      };
      return new EdgeTach({ ...CAPTURE, fan: 2 }, edges);
    };

    it("are measured between the first and the last edge, not by the length of the window", async () => {
      equal(await tachOf([7_000, 17_000, 27_000]).readRpm(), 3000);
    });

    it("stand still when there is one edge or none", async () => {
      equal(await tachOf([]).readRpm(), 0);
      equal(await tachOf([1000]).readRpm(), 0);
    });

    it("do not go mad when the clock of the edges is set meanwhile", async () => {
      const forth = [0, 5_000, 3_600_000_000, 3_600_005_000];
      const back = [3_600_000_000, 3_600_005_000, 0, 5_000];
      for (const times of [forth, back]) {
        const rpm = await tachOf(times).readRpm();
        ok(rpm > 100 && rpm < 1000, String(rpm));
      }
    });
  });
});
