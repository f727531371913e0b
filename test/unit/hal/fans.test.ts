import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LinuxHardware } from "../../../src/hal/linux/linux-hardware.js";
import { VirtualHardware } from "../../../src/hal/virtual/virtual-hardware.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { ImitatedKernel } from "./linux/imitated-kernel.js";
import { describePwm, describeTach, type PwmRig, type TachRig } from "./suites/fan-suite.js";
import { FakeMachine, type Answer, type Request } from "./virtual/fake-machine.js";

const CHIP = { label: "periphs-banks", base: 411, lines: 86 };

describePwm("virtual machine", async () => {
  let signal: { periodNs: number; dutyNs: number } | undefined = {
    periodNs: 40_000,
    dutyNs: 40_000,
  };
  let isBroken = false;
  const answer = (request: Request): Answer => {
    if (request["output"] !== "fan-rear" || isBroken) return { ok: false, error: "noOutput" };
    if (request["do"] === "pwmGet") return { ok: true, ...signal };
    signal = { periodNs: Number(request["periodNs"]), dutyNs: Number(request["dutyNs"]) };
    return { ok: true };
  };
  const machine = await new FakeMachine(answer).listen();
  const hardware = new VirtualHardware(machine.deviceDir);
  return {
    place: { virtual: "fan-rear" },
    missing: { virtual: "fan-left" },
    open: (group) => hardware.openPwm(group),
    highPct: () => (signal === undefined ? undefined : (signal.dutyNs / signal.periodNs) * 100),
    breakOutput: () => {
      isBroken = true;
    },
    close: async () => {
      await hardware.close();
      await machine.remove();
    },
  };
});

/** What somebody before us left in a channel; `null` if nobody asked for it yet. */
function sysfsPwm(left: Readonly<Record<string, string | number>> | null): () => Promise<PwmRig> {
  return () => {
    const kernel = new ImitatedKernel();
    const folder = join(kernel.paths.sys, "class/pwm/pwmchip0/pwm1");
    kernel.addPwmChip("pwmchip0", 2);
    if (left !== null) {
      kernel.write(join(folder, "../export"), "1");
      for (const [file, value] of Object.entries(left))
        writeFileSync(join(folder, file), String(value));
    }
    const hardware = new LinuxHardware(kernel.paths, kernel.libraries());
    const text = (file: string): string => readFileSync(join(folder, file), "utf8").trim();
    return Promise.resolve({
      place: { chip: "pwmchip0", channel: 1 },
      missing: { chip: "pwmchip0", channel: 2 },
      open: (group) => hardware.openPwm(group),
      highPct: () => {
        if (!existsSync(folder) || text("enable") !== "1") return undefined;
        const pulsePct = (Number(text("duty_cycle")) / Number(text("period"))) * 100;
        return text("polarity") === "inversed" ? 100 - pulsePct : pulsePct;
      },
      breakOutput: () => {
        writeFileSync(join(folder, "broken"), "");
      },
      close: async () => {
        await hardware.close();
        kernel.remove();
      },
    });
  };
}

const RUNNING = { period: 100_000, duty_cycle: 80_000, enable: 1 };
describePwm("sysfs, a channel that nobody had", sysfsPwm(null));
describePwm("sysfs, a channel that runs", sysfsPwm(RUNNING));
describePwm(
  "sysfs, a channel that runs upside down",
  sysfsPwm({ ...RUNNING, polarity: "inversed" }),
);
describePwm(
  "sysfs, a channel that runs with another period",
  sysfsPwm({ period: 10_000_000, duty_cycle: 9_000_000, enable: 1 }),
);

describeTach("virtual machine", async () => {
  let pulsesPerS = 0;
  let isBroken = false;
  const machine = await new FakeMachine(({ tach }) => {
    if (tach !== "fan-3" || isBroken) return { ok: false, error: "noTach" };
    return { ok: true, periodNs: pulsesPerS === 0 ? null : 1e9 / pulsesPerS };
  }).listen();
  const clock = new ManualClock();
  const hardware = new VirtualHardware(machine.deviceDir, clock);
  return {
    place: { virtual: "fan-3" },
    missing: { virtual: "fan-9" },
    clock,
    open: (tach) => hardware.openTach(tach),
    turn: (pulses) => {
      pulsesPerS = pulses;
    },
    breakTach: () => {
      isBroken = true;
    },
    close: async () => {
      await hardware.close();
      await machine.remove();
    },
  };
});

/** A fan on line 447 of an imitated kernel, whose clock makes the edges. */
function edgeRig(where: {
  sysfs: boolean;
  device?: string;
  isTaken?: boolean;
}): () => Promise<TachRig> {
  return () => {
    const kernel = new ImitatedKernel();
    kernel.addChip(CHIP, { sysfs: where.sysfs, ...(where.device && { device: where.device }) });
    if (where.isTaken === true) kernel.write(join(kernel.paths.sys, "class/gpio/export"), "447");
    const clock = new ManualClock();
    const hardware = new LinuxHardware(kernel.paths, kernel.libraries(), clock);
    const line = kernel.line(447);
    let stop = (): void => undefined;
    const turn = (pulsesPerS: number): void => {
      stop();
      if (pulsesPerS === 0) return;
      const next = (): void => {
        stop = clock.after(1000 / pulsesPerS, () => {
          line.edgesUs.push(clock.nowMs() * 1000);
          // The kernel keeps 16 edges and drops the newer ones, by its first interface.
          line.edgesUs.length = Math.min(line.edgesUs.length, 16);
          for (const watcher of line.watchers) watcher();
          next();
        });
      };
      next();
    };
    return Promise.resolve({
      place: { edges: { chip: CHIP.label, offset: 447 - CHIP.base } },
      missing: { edges: { chip: CHIP.label, offset: 86 } },
      clock,
      open: (tach) => hardware.openTach(tach),
      turn,
      breakTach: () => {
        line.isBroken = true;
        line.watchers.add = () => {
          throw new Error("EIO");
        };
      },
      close: async () => {
        stop();
        await hardware.close();
        kernel.remove();
      },
    });
  };
}

describeTach("edges of a character device", edgeRig({ sysfs: false, device: "gpiochip0" }));
describeTach(
  "edges of a character device beside sysfs",
  edgeRig({ sysfs: true, device: "gpiochip0" }),
);
describeTach("edges of sysfs", edgeRig({ sysfs: true }));
describeTach(
  "edges of sysfs, when the line is taken there",
  edgeRig({ sysfs: true, device: "gpiochip0", isTaken: true }),
);

describeTach("capture file", () => {
  const kernel = new ImitatedKernel();
  const file = "sys/class/pwm/pwmchip12/pwm2/capture";
  kernel.addPwmChip("pwmchip12", 4);
  kernel.put(file, "0 0\n");
  const clock = new ManualClock();
  const hardware = new LinuxHardware(kernel.paths, kernel.libraries(), clock);
  return Promise.resolve({
    place: { capture: "pwmchip12", channel: 2 },
    missing: { capture: "pwmchip12", channel: 3 },
    clock,
    open: (tach) => hardware.openTach(tach),
    turn: (pulsesPerS) => {
      const periodNs = pulsesPerS === 0 ? 0 : Math.round(1e9 / pulsesPerS);
      kernel.put(file, `${String(periodNs)} ${String(Math.round(periodNs / 2))}\n`);
    },
    breakTach: () => {
      kernel.put(file, "?\n");
    },
    close: async () => {
      await hardware.close();
      kernel.remove();
    },
  });
});
