import { deepEqual, equal } from "node:assert/strict";
import { hottestZone } from "../../../../src/hal/linux/thermal-zones.js";
import { ImitatedKernel } from "./imitated-kernel.js";

describe("thermal zones of the kernel", () => {
  let kernel: ImitatedKernel;

  beforeEach(() => (kernel = new ImitatedKernel()));
  afterEach(() => {
    kernel.remove();
  });

  function zone(number: number, type: string, temp?: string): void {
    const folder = `sys/class/thermal/thermal_zone${number}`;
    kernel.put(`${folder}/type`, `${type}\n`);
    if (temp !== undefined) kernel.put(`${folder}/temp`, `${temp}\n`);
  }

  it("are absent where the kernel has none", () => {
    equal(hottestZone(kernel.paths.sys), undefined);
    kernel.put("sys/class/thermal/cooling_device0/temp", "50000\n");
    equal(hottestZone(kernel.paths.sys), undefined);
  });

  it("tell the hottest, in degrees", () => {
    zone(0, "ddr", "-2500");
    deepEqual(hottestZone(kernel.paths.sys), { place: "ddr", tempC: -2.5 });
    zone(1, "soc_thermal", "51250");
    zone(10, "board", "38000");
    deepEqual(hottestZone(kernel.paths.sys), { place: "soc_thermal", tempC: 51.25 });
  });

  it("leave zones out that cannot be read or tell what is no temperature", () => {
    zone(0, "switched-off");
    zone(1, "open", "-273000");
    zone(2, "shorted", "200000");
    zone(3, "silly", "warm");
    equal(hottestZone(kernel.paths.sys), undefined);
  });
});
