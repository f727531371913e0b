import { equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../../../src/lib/logger.js";
import { MachineRig } from "./machine-rig.js";
import { caseIdentity, replayCase, runRandomCase } from "./run-case.js";

/** Each test runs a whole machine for a minute or two of its own time: half a second of ours. */
describe("the oracle of random histories", () => {
  let dir: string;
  let rig: MachineRig;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "headframe-oracle-"));
    const own = join(dir, "machine");
    rig = new MachineRig({
      ...{ dir: own, machineName: "s19k-pro", seed: 1, log: createLogger("silent") },
    });
    await rig.apply({ do: "heal" });
    ok(rig.oracle.isOn);
    equal(broken(), undefined);
  });

  afterEach(() => {
    rig.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const broken = (): string | undefined => rig.oracle.promises.violation?.promise;

  /** Somebody drives the line although nobody permits it. */
  async function forceOn(ms: number): Promise<string | undefined> {
    await rig.apply({ do: "kill" });
    await rig.apply({ do: "wait", ms: 1000 });
    equal(broken(), undefined, "the guard cuts what a dead process leaves on");
    for (let passedMs = 0; passedMs < ms; passedMs += 100) {
      rig.machine.drive(0);
      for (const chips of rig.machine.chips) {
        chips.setReset(false);
        chips.run(540, true);
      }
      await rig.apply({ do: "wait", ms: 100 });
    }
    return broken();
  }

  it("sees an output that is on without a controller", async () => {
    equal(await forceOn(3000), "off without a controller");
  });

  it("sees fans that stand while a controller believes them", async () => {
    // The fans stand; nobody cuts, as the line is driven again whenever it falls.
    await rig.apply({ do: "fault", name: "fanStalled", given: { fan: 1 } });
    for (let passedMs = 0; passedMs < 8000; passedMs += 20) {
      rig.machine.drive(0);
      await rig.apply({ do: "wait", ms: 20 });
    }
    equal(broken(), "fans turn");
  });

  it("sees a sensor that says nothing while the output stays on", async () => {
    await rig.apply({ do: "fault", name: "sensorSilent", given: { sensor: -1 } });
    for (let passedMs = 0; passedMs < 8000; passedMs += 20) {
      rig.machine.drive(0);
      for (const chips of rig.machine.chips) {
        chips.setReset(false);
        chips.run(540, true);
      }
      await rig.apply({ do: "wait", ms: 20 });
    }
    ok(broken() !== undefined);
  });

  it("sees an order that nobody gave", async () => {
    const keeper = rig.controller?.orders;
    await keeper?.give("paused");
    await rig.apply({ do: "clearAll" });
    equal(broken(), "settings kept");
  });

  it("gives the same history again for the same seed", async () => {
    const first = await runRandomCase(caseIdentity(7, 0), 60, dir);
    const again = await replayCase(first.identity, first.steps, dir);
    equal(first.violation, undefined);
    equal(again.virtualMs, first.virtualMs);
    equal(again.onMs, first.onMs);
  });
});
