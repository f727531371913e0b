import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../../src/app/config.js";
import { ConfigStore } from "../../../src/app/config-store.js";
import type { Order } from "../../../src/app/life-cycle/order.js";
import { ORDER_OF, type MachineCommand } from "../../../src/app/life-cycle/possible-commands.js";
import { ALLOWABLE_NAMES } from "../../../src/boards/obstacles.js";
import { ManualClock, type Clock } from "../../../src/lib/clock.js";
import { isMinerError } from "../../../src/lib/errors.js";
import type { Logger } from "../../../src/lib/logger.js";
import type { FlightRecorder } from "../../../src/recorder/flight-recorder.js";
import { ControllerProcess, type Controller } from "./controller-process.js";
import { MachineBody } from "./machine-body.js";
import { LOOK_MS, Oracle } from "./oracle.js";
import type { Lease } from "./rig-guard.js";
import { Files } from "./rig-time.js";
import type { Step } from "./step.js";

const CONFIG_FILE = "config.json";
const ROOM_C = 25;
/** From the worst that a history leaves to hashing: hot boards cool down, all is identified anew, a few times. */
const HEAL_LIMIT_MS = 400_000;
const HEAL_STEP_MS = 1000;
/** An operator who sees that nothing comes of it tries again. */
const RESUME_AGAIN_MS = 10_000;

export interface MachineRigOptions {
  /** Of its own; it is made and taken away. */
  readonly dir: string;
  readonly machineName: string;
  readonly seed: number;
  readonly log: Logger;
  readonly record?: ((clock: Clock) => FlightRecorder) | undefined;
}

/** Set-points of the configuration file. */
interface Wishes {
  readonly freqMHz: number | undefined;
  readonly railMv: number | undefined;
}

/** A whole machine in one process and on one manual clock, with the oracle that watches it. */
export class MachineRig {
  readonly #options: MachineRigOptions;
  readonly #files = new Files();
  readonly #store: ConfigStore;
  readonly clock = new ManualClock(undefined, () => this.#files.settled());
  readonly config: Config;
  readonly machine: MachineBody;
  readonly oracle: Oracle;
  /** Steps that met the machine with its power on. */
  stepsOn = 0;
  #process: ControllerProcess | undefined;
  /** Of the controller before. */
  #lease: Lease | undefined;
  #expectedOrder: Order = "mine";
  /** What may stand in the configuration file: two while a change is under way. */
  #expectedWishes: readonly Wishes[] = [{ freqMHz: undefined, railMv: undefined }];

  constructor(options: MachineRigOptions) {
    this.#options = options;
    const { dir, machineName, seed } = options;
    mkdirSync(dir, { recursive: true });
    const file = join(dir, CONFIG_FILE);
    const config = {
      ...{ machine: machineName, controlBoard: "virtual", network: "virtual" },
      allowInferred: ALLOWABLE_NAMES,
      pools: [{ url: "stratum+tcp://127.0.0.1:3333", user: "property" }],
    };
    writeFileSync(file, JSON.stringify(config));
    this.#store = new ConfigStore(file);
    const change = this.#store.change.bind(this.#store);
    this.#store.change = (...given) => this.#files.track(change(...given));
    this.config = this.#store.config;
    this.machine = new MachineBody(this.config, this.clock, seed);
    this.oracle = new Oracle({
      ...{ machine: this.machine, config: this.config, clock: this.clock },
      controller: () => this.controller,
      isRunning: () => this.isRunning,
      isLeased: () => this.#lease?.isHeld === true,
    });
    this.#lookLater();
  }

  get isRunning(): boolean {
    return this.#process?.isRunning === true;
  }

  get order(): Order {
    return this.#expectedOrder;
  }

  get setPointLimits(): {
    readonly freqMHz: { readonly min: number; readonly max: number };
    readonly railMv: { readonly min: number; readonly max: number };
  } {
    const { freqMHz, railMv } = this.config.machineSpec;
    return { freqMHz, railMv: { min: railMv?.min ?? 0, max: railMv?.max ?? 0 } };
  }

  async apply(step: Step): Promise<void> {
    const { machine } = this;
    if (this.oracle.isOn) this.stepsOn += 1;
    switch (step.do) {
      case "wait":
        await this.#advance(step.ms);
        break;
      case "fault":
        machine.setFault(step.name, step.slot, step.given);
        break;
      case "clear":
        machine.clearFaults(step.name, step.slot);
        break;
      case "clearAll":
        machine.clearFaults();
        machine.troubles.clear();
        break;
      case "board":
        if (step.isOn) machine.troubles.add(step.trouble);
        else machine.troubles.delete(step.trouble);
        break;
      case "chips":
        for (const chips of machine.chips.slice(step.slot, step.slot + 1))
          chips.areDead = step.areDead;
        break;
      case "room":
        machine.body.setAmbientC(step.tempC);
        break;
      case "command":
        this.#give(step.command);
        break;
      case "set":
        this.#set(step);
        break;
      case "kill":
        this.#process?.kill();
        break;
      case "stop":
        this.#process?.stop();
        break;
      case "handOver":
        this.#process?.handOver();
        break;
      case "start":
        this.#start();
        break;
      case "clockJump":
        this.#process?.moveDay(step.ms);
        break;
      case "hang":
        this.#process?.hang(step.ms);
        break;
      case "heal":
        await this.#heal();
        break;
    }
    await this.#advance(0);
    this.oracle.look();
    if (step.do !== "wait") this.#checkSettings();
  }

  close(): void {
    this.#process?.kill();
    rmSync(this.#options.dir, { recursive: true, force: true });
  }

  /** Of the process that runs. */
  get controller(): Controller | undefined {
    return this.#process?.controller;
  }

  async #advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    const { failure } = this.#process ?? {};
    if (failure !== undefined) this.#judgeError("start or end", failure);
    const state = this.controller?.life.state;
    if (state?.is === "fault") this.#judgeError("fault", state.error);
  }

  #lookLater(): void {
    this.clock.after(this.oracle.isOn ? LOOK_MS.on : LOOK_MS.off, () => {
      this.oracle.look();
      this.#lookLater();
    });
  }

  #start(): void {
    if (this.isRunning) return;
    const { dir, log, record } = this.#options;
    this.#process = new ControllerProcess({
      ...{ dir, log, store: this.#store, files: this.#files, clock: this.clock },
      ...{ machine: this.machine, lease: this.#lease, record },
      onLease: (lease) => {
        this.#lease = lease;
      },
      onTemperature: (slot, place, tempC) => {
        this.oracle.hear(slot, place, tempC);
      },
      onTrouble: (error) => {
        this.oracle.promises.blame("settings kept", String(error));
      },
    });
  }

  #give(command: MachineCommand): void {
    const controller = this.controller;
    if (controller === undefined) return;
    const { orders, commands } = controller;
    const before = orders.order;
    this.#hear(`command ${command}`, commands.give(command));
    // It holds at once or not at all.
    const { order } = orders;
    if (order !== before && order !== ORDER_OF[command])
      this.oracle.promises.blame("orders are obeyed", `${command} made ${order} of ${before}`);
    this.#expectedOrder = order;
  }

  #set({ freqMHz, railMv }: Partial<Wishes>): void {
    const controller = this.controller;
    if (controller === undefined) return;
    const [before] = this.#expectedWishes;
    // One after the other: what may stand in the file stays plain.
    if (before === undefined || this.#expectedWishes.length > 1) return;
    const after = { freqMHz: freqMHz ?? before.freqMHz, railMv: railMv ?? before.railMv };
    this.#expectedWishes = [before, after];
    const wanted = {
      ...(freqMHz !== undefined && { freqMHz }),
      ...(railMv !== undefined && { railMv }),
    };
    const set = controller.commands.set(wanted);
    set.then(
      () => (this.#expectedWishes = [after]),
      () => (this.#expectedWishes = [before]),
    );
    this.#hear("set", set);
  }

  #hear(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#judgeError(what, error);
    });
  }

  /** Whatever fails has a code, and never the one for what nobody thought of. */
  #judgeError(what: string, error: unknown): void {
    if (isMinerError(error) && error.code !== "INTERNAL") return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.oracle.promises.blame("errors are of the table", `${what}: ${text}`);
  }

  /** Nothing that happened to the machine changes what its owner wants of it. */
  #checkSettings(): void {
    const order = this.controller?.orders.order ?? this.#expectedOrder;
    if (order !== this.#expectedOrder)
      this.oracle.promises.blame(
        "settings kept",
        `order ${order} in place of ${this.#expectedOrder}`,
      );
    const file = join(this.#options.dir, CONFIG_FILE);
    const found = JSON.parse(readFileSync(file, "utf8")) as Partial<Wishes>;
    const isThere = ({ freqMHz, railMv }: Wishes): boolean =>
      found.freqMHz === freqMHz && found.railMv === railMv;
    if (!this.#expectedWishes.some(isThere))
      this.oracle.promises.blame("settings kept", `set-points ${JSON.stringify(found)}`);
    // A process that died in the middle of a change left the one or the other.
    if (!this.isRunning) this.#expectedWishes = this.#expectedWishes.filter(isThere).slice(0, 1);
  }

  async #heal(): Promise<void> {
    const { machine, clock } = this;
    machine.clearFaults();
    machine.troubles.clear();
    for (const chips of machine.chips) chips.areDead = false;
    machine.body.setAmbientC(ROOM_C);
    const startMs = clock.nowMs();
    let resumedMs = -Infinity;
    while (
      clock.nowMs() - startMs < HEAL_LIMIT_MS &&
      this.oracle.promises.violation === undefined
    ) {
      // It is not asked again what it is: excused in the oracle, where it is said why.
      if (this.oracle.isFirmwareUnknown) this.#process?.kill();
      this.#start();
      const { life, orders } = this.controller ?? {};
      const isMining = orders?.order === "mine" && life?.state.is !== "fault";
      if (life?.state.is === "hashing" && orders?.order === "mine" && this.oracle.isOn) return;
      if (!isMining && clock.nowMs() - resumedMs >= RESUME_AGAIN_MS) {
        resumedMs = clock.nowMs();
        this.#give(orders?.order === "asleep" ? "wake" : "resume");
      }
      await this.#advance(HEAL_STEP_MS);
    }
    const state = this.controller?.life.state;
    const facts = state?.is === "fault" ? state.error.message : (state?.is ?? "no process");
    this.oracle.promises.blame("hashes again when all is well", facts);
  }
}
