import { equal } from "node:assert/strict";
import { LinuxHardware } from "../../../src/hal/linux/linux-hardware.js";
import { VirtualHardware } from "../../../src/hal/virtual/virtual-hardware.js";
import { ImitatedKernel } from "./linux/imitated-kernel.js";
import { describeWatchdog } from "./suites/watchdog-suite.js";
import { FakeMachine, type Answer, type Request } from "./virtual/fake-machine.js";

describeWatchdog("virtual machine", async () => {
  let feedings = 0;
  let isArmed = false;
  const machine = new FakeMachine((request: Request): Answer => {
    if (request["do"] === "watchdogFeed") feedings++;
    if (request["do"] === "watchdogFeed" && !isArmed) return { ok: false, error: "closed" };
    isArmed = request["do"] !== "watchdogClose";
    return { ok: true };
  });
  await machine.listen();
  const hardware = new VirtualHardware(machine.deviceDir);
  return {
    open: (timeoutS) => hardware.openWatchdog("watchdog", timeoutS),
    feedings: () => feedings,
    isArmed: () => isArmed,
    remove: () => machine.stop(),
    close: async () => {
      await hardware.close();
      await machine.remove();
    },
  };
});

describeWatchdog("device of the kernel", () => {
  const kernel = new ImitatedKernel();
  // Everything that was written, as the device got it.
  kernel.put("dev/watchdog", "");
  const hardware = new LinuxHardware(kernel.paths, kernel.libraries());
  const written = (): string => kernel.text("dev/watchdog");
  return Promise.resolve({
    open: (timeoutS) => hardware.openWatchdog("watchdog", timeoutS),
    feedings: () => written().replaceAll("V", "").length,
    isArmed: () => !written().endsWith("V"),
    remove: () => {
      kernel.remove();
      return Promise.resolve();
    },
    close: async () => {
      await hardware.close();
      kernel.remove();
    },
  });
});

describe("watchdog device of the kernel", () => {
  it("is told the time, and is fed all the same when it refuses to be told", async () => {
    const kernel = new ImitatedKernel();
    kernel.put("dev/watchdog", "");
    const hardware = new LinuxHardware(kernel.paths, kernel.libraries());
    const watchdog = await hardware.openWatchdog("watchdog", 90);
    await watchdog.feed();
    equal(kernel.text("dev/watchdog"), "\0");
    equal(kernel.watchdogTimes[0], 90);
    await watchdog.close();
    kernel.remove();
  });
});
