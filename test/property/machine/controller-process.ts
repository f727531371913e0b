import { join } from "node:path";
import { BoardMemory } from "../../../src/app/board-memory.js";
import type { ConfigStore } from "../../../src/app/config-store.js";
import { ChainTeam } from "../../../src/app/life-cycle/chain-team.js";
import { FittedHardware } from "../../../src/app/life-cycle/fitted-hardware.js";
import type { MachineLifeOptions } from "../../../src/app/life-cycle/machine-life-options.js";
import { HandOver } from "../../../src/app/hand-over.js";
import { MachineLife } from "../../../src/app/life-cycle/machine-life.js";
import { OrderKeeper } from "../../../src/app/life-cycle/order-keeper.js";
import { RunningMark } from "../../../src/app/life-cycle/running-mark.js";
import { MachineCommands } from "../../../src/app/machine-commands.js";
import { drivenParts } from "../../../src/app/machine/driven-parts.js";
import { recentPowerW, UNKNOWN } from "../../../src/app/machine-snapshot.js";
import { powerSight, PowerTarget } from "../../../src/app/power-target.js";
import { PowerControl } from "../../../src/power/power-control.js";
import type { MachineHardware } from "../../../src/app/machine/machine-hardware.js";
import { openMachine } from "../../../src/app/machine/open-machine.js";
import type { MachineParts } from "../../../src/app/machine/parts.js";
import type { FlightRecorder } from "../../../src/recorder/flight-recorder.js";
import type { Clock, ManualClock } from "../../../src/lib/clock.js";
import type { Logger } from "../../../src/lib/logger.js";
import { BodyHardware } from "./body-hardware.js";
import type { MachineBody } from "./machine-body.js";
import { RigChain } from "./rig-chain.js";
import { RigGuard, type Lease } from "./rig-guard.js";
import { ProcessClock, type Files } from "./rig-time.js";

/** What a driver told of a temperature. */
export type Told = (slot: number, place: string, tempC: number) => void;

export interface ControllerOptions {
  readonly dir: string;
  /** Of all processes of the machine: to read the file anew takes longer than a second of the machine. */
  readonly store: ConfigStore;
  readonly machine: MachineBody;
  readonly clock: ManualClock;
  readonly files: Files;
  readonly log: Logger;
  readonly onTemperature: Told;
  /** A file of the data directory could not be read or written. */
  readonly onTrouble: (error: Error) => void;
  /** Of the companion of the controller before this one. */
  readonly lease: Lease | undefined;
  /** What it leaves to its own companion. */
  readonly onLease: (lease: Lease) => void;
  /** Made anew for each process; left out, nothing is recorded. */
  readonly record?: ((clock: Clock) => FlightRecorder) | undefined;
}

/** Everything that a running controller has, as `main.ts` and `miner.ts` put it together, without pools. */
export interface Controller {
  readonly store: ConfigStore;
  readonly orders: OrderKeeper;
  readonly hardware: MachineHardware;
  readonly life: MachineLife;
  readonly commands: MachineCommands;
}

/** One process of the controller, from its start to its end or to the moment that it is killed. */
export class ControllerProcess {
  readonly #options: ControllerOptions;
  readonly #clock: ProcessClock;
  readonly #guard: RigGuard;
  #controller: Controller | undefined;
  #failure: unknown;
  #isStopping = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { clock, lease, machine } = options;
    this.#clock = new ProcessClock(clock);
    this.#guard = new RigGuard(clock, lease, () => {
      machine.cut();
    });
    void this.#start().catch((error: unknown) => {
      this.#failure = error;
      this.#die();
    });
  }

  get isRunning(): boolean {
    return !this.#clock.isDead;
  }

  /** Why it ended by itself; undefined when it did not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Undefined until everything is open, and when the process has ended. */
  get controller(): Controller | undefined {
    return this.isRunning ? this.#controller : undefined;
  }

  kill(): void {
    this.#die();
  }

  hang(ms: number): void {
    this.#clock.hang(ms);
  }

  /** The time of day is set anew. */
  moveDay(ms: number): void {
    this.#clock.moveDay(ms);
  }

  /** In order: everything off, then the end. */
  stop(): void {
    const controller = this.controller;
    if (controller === undefined || this.#isStopping) {
      this.#die();
      return;
    }
    this.#isStopping = true;
    const { life, hardware } = controller;
    void life
      .stop()
      .then(() => hardware.close())
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#die();
      });
  }

  /** The machine is left running for the next controller, where it may be. */
  handOver(): void {
    const controller = this.controller;
    if (controller === undefined || this.#isStopping) {
      this.#die();
      return;
    }
    this.#isStopping = true;
    void this.#leave(controller)
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#die();
      });
  }

  async #leave({ life, hardware }: Controller): Promise<void> {
    const { log, onLease } = this.#options;
    const lease = (ms: number): Promise<void> => {
      onLease(this.#guard.leave(ms));
      return Promise.resolve();
    };
    const isKept = await new HandOver({ life, hardware, guard: { lease }, log }).begin();
    if (!isKept) await life.stop();
    await hardware.close(isKept ? "asIs" : "off");
  }

  async #start(): Promise<void> {
    const { dir, store, files, log, machine, onTrouble, lease, record } = this.#options;
    const clock = this.#clock;
    const orders = await files.track(
      OrderKeeper.open({ path: join(dir, "order.json"), clock, onTrouble }),
    );
    const memory = await files.track(
      BoardMemory.open({ path: join(dir, "boards.json"), clock, onTrouble }),
    );
    this.#waitForFiles(orders, memory);
    const mark = new RunningMark({ path: join(dir, "running"), log });
    const isLeft = mark.wasLeft && lease?.isHeld === true && orders.order !== "curtailed";
    const { config } = store;
    const witness = record?.(clock);
    const { machineSpec, targetMHz, targetMv, slots } = config;
    const hardware = await openMachine({
      ...{ machine: machineSpec, board: config.board, deviceDir: dir, slots, clock, log },
      mode: isLeft ? "takeOver" : "cold",
      cooling: config.coolingPlan,
      openGuard: () => Promise.resolve(this.#guard),
      parts: this.#parts(),
      witness,
    });
    const chains: RigChain[] = slots.flatMap((slot) => {
      const chips = machine.chips[slot];
      return chips === undefined ? [] : new RigChain(slot, chips, clock, onState);
    });
    const team = new ChainTeam({ chains, resetTogether: machineSpec.resetTogether });
    function onState(): void {
      team.changed();
    }
    const lifeOptions: MachineLifeOptions = {
      hardware: new FittedHardware({ machine: hardware, memory, clock, log }),
      ...{ team, orders, clock, log },
      onPower: (mayBeOn) => {
        if (this.isRunning) mark.set(mayBeOn);
      },
      setPoints: {
        freqMHz: targetMHz,
        railMv: targetMv,
        openMv: machineSpec.railMv?.open ?? targetMv,
        sleepMHz: machineSpec.freqMHz.min,
      },
    };
    const life = witness?.life(lifeOptions) ?? new MachineLife(lifeOptions);
    hardware.cooling.connect({
      powerW: () => recentPowerW(hardware.snapshot()),
      onPowerShare: (powerSharePct) => {
        life.limitPower(powerSharePct);
      },
    });
    const power = new PowerTarget({
      ...{ machine: machineSpec, orders, setPoints: () => life.setPoints, setPointW: undefined },
      control: new PowerControl({
        look: () =>
          powerSight({
            ...{ machine: machineSpec, setPoints: life.setPoints },
            ...{ powerW: UNKNOWN, order: undefined },
          }),
        onShare: () => undefined,
        ...{ clock, log },
      }),
      lastPowerW: () => UNKNOWN,
    });
    const commands = new MachineCommands({
      ...{ life, orders, power, store },
      assertReachable: () => undefined,
    });
    this.#controller = { store, orders, hardware, life, commands };
    life.start();
  }

  /** The drivers that there are, over the body; what the sensors' drivers tell is heard. */
  #parts(): MachineParts {
    const { log, machine, onTemperature } = this.#options;
    const parts = drivenParts(this.#clock, log);
    return {
      ...parts,
      openHardware: () => Promise.resolve(new BodyHardware(machine, this.#clock)),
      openSensor: (spec, buses, slot, controller) => {
        const sensor = parts.openSensor(spec, buses, slot, controller);
        if (sensor === undefined) return undefined;
        const readTempC = async (): Promise<number> => {
          const tempC = await sensor.readTempC();
          onTemperature(slot, spec.place, tempC);
          return tempC;
        };
        return { part: sensor.part, place: sensor.place, readTempC };
      },
    };
  }

  /** Time stands still while they write. */
  #waitForFiles(orders: OrderKeeper, memory: BoardMemory): void {
    const { files } = this.#options;
    const give = orders.give.bind(orders);
    orders.give = (order) => files.track(give(order));
    const keep = memory.keep.bind(memory);
    memory.keep = (fitted) => files.track(keep(fitted));
  }

  /** The guard sees to what a process leaves on. */
  #die(): void {
    this.#clock.kill();
  }
}
