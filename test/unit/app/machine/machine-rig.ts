import { loadMachine } from "../../../../src/boards/load-machine.js";
import type { ControlBoard, MachineSpec } from "../../../../src/boards/machine-spec.js";
import { openMachine, type OpenMachineOptions } from "../../../../src/app/machine/open-machine.js";
import type { MachineHardware } from "../../../../src/app/machine/machine-hardware.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { FakeSupply } from "../../power/fake-supply.js";
import { settle } from "../../power/rail-rig.js";
import { FakeParts } from "./fake-parts.js";

/** An S19k Pro of fakes on the virtual control board. */
export class MachineRig {
  readonly clock = new ManualClock();
  readonly supply = new FakeSupply(this.clock);
  readonly parts = new FakeParts(this.supply);
  readonly machine: MachineSpec;
  readonly board: ControlBoard;
  readonly stop = new AbortController();
  #hardware: MachineHardware | undefined;

  constructor(name = "s19k-pro") {
    this.machine = loadMachine(name);
    const board = this.machine.controlBoards.find((each) => each.name === "virtual");
    if (board === undefined) throw new MinerError("BOARDS_UNKNOWN", {});
    this.board = board;
    this.parts.onEnable = (isOn) => (this.supply.isOn = isOn);
  }

  get hardware(): MachineHardware {
    if (this.#hardware === undefined) throw new Error("not open");
    return this.#hardware;
  }

  async open(changes: Partial<OpenMachineOptions> = {}): Promise<MachineHardware> {
    const { machine, board, parts, clock } = this;
    const opened = openMachine({
      ...{ machine, board, parts, clock, deviceDir: "/nowhere", mode: "cold" },
      ...{ slots: [0, 1, 2], log: createLogger("silent") },
      ...changes,
    });
    this.#hardware = await this.run(opened);
    return this.#hardware;
  }

  /** Opened, identified, proven and switched on. */
  async openAndPower(): Promise<MachineHardware> {
    const hardware = await this.open();
    await this.run(hardware.identify(this.stop.signal));
    await this.run(hardware.selfTest(this.stop.signal));
    await this.run(hardware.rail.prepare(13_200));
    await this.run(hardware.rail.switchOn());
    return hardware;
  }

  /** Lets time pass until `work` settles. */
  run<Result>(work: Promise<Result>): Promise<Result> {
    return settle(this.clock, work, 250);
  }

  async close(): Promise<void> {
    const hardware = this.#hardware;
    if (hardware === undefined) return;
    await this.run(hardware.close());
  }
}
