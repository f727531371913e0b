import type { Config } from "../../../src/app/config.js";
import type { Clock } from "../../../src/lib/clock.js";
import type { Controller } from "./controller-process.js";
import type { MachineBody } from "./machine-body.js";
import { LowDuty } from "./low-duty.js";
import { WatchedSensor, SENSE_LIMIT_MS } from "./watched-sensor.js";
import { Promises } from "./promises.js";

/** How far two looks are apart, while the output is on and while it is off. */
export const LOOK_MS = { on: 100, off: 500 };
/** Half a second to act, and the look after it. */
const REACTION_MS = 500 + LOOK_MS.on;
/** Of the guard and its companion for a process that died. */
const DEAD_LIMIT_MS = 500 + LOOK_MS.on;
/**
 * The supply is asked one question after the other over a bus that takes two seconds a round: its output is measured
 * every third round and must be wrong twice, its setpoint is read every ninth.
 */
const SUPPLY_LIMIT_MS = 20_000 + REACTION_MS;
/** A supply that is not understood may stay on for so long: src/safety/rules/supply.ts. Nobody reads its setpoint then. */
const SUPPLY_SILENT_MS = 60_000;
/** A machine that a process before left running may be judged for so long. */
const FOREIGN_LIMIT_MS = 60_000 + REACTION_MS;

/** Where the machine has no limit for its dies: far above what a board below its own limit makes of them. */
const DIE_LIMIT_C = 120;
/** Where nobody knows how fast the fans of the machine turn, at full duty. */
const STANDING_RPM = 500;
/** What a fan makes of a duty at least is proportional to it, and it may stand below the lowest floor. */
const FAN_SHARE = 0.9;
const MAY_STAND_BELOW = 0.15;
const EMPTY_MV = 1000;
/** Steps of the supply, and what its output may be off. */
const STEP_SHARE = 0.0025;
const OUTPUT_TOLERANCE_MV = 600;

export interface OracleOptions {
  readonly machine: MachineBody;
  readonly config: Config;
  readonly clock: Clock;
  /** Of the process that runs; undefined while none does or it has not opened its parts. */
  readonly controller: () => Controller | undefined;
  readonly isRunning: () => boolean;
  /** A companion keeps the power on for the next controller. */
  readonly isLeased: () => boolean;
}

/** Judges a machine by what is really the case in its body. Of the controller it believes only which boards count. */
export class Oracle {
  readonly #options: OracleOptions;
  readonly promises: Promises;
  readonly #duties: readonly LowDuty[];
  readonly #sensors: readonly (readonly WatchedSensor[])[];
  /** How long the output was on under the eyes of the oracle. */
  onMs = 0;
  #lookedAtMs: number;
  #disturbedAtMs = -Infinity;
  #passedMs = 0;
  #isOn = false;
  #isForeign = false;

  constructor(options: OracleOptions) {
    const { machine, config, clock } = options;
    this.#options = options;
    this.#lookedAtMs = clock.nowMs();
    this.promises = new Promises(clock);
    this.#duties = machine.body.fans.map(() => new LowDuty());
    const { limits } = config.machineSpec;
    this.#sensors = machine.body.boards.map(({ sensors }, slot) =>
      sensors.map((sensor) => new WatchedSensor(sensor, slot, limits, clock)),
    );
  }

  /** The output has voltage from the supply, and somebody asks for it. */
  get isOn(): boolean {
    return this.#options.machine.isAskedOn && this.#isFed;
  }

  /** A driver told the controller a temperature. */
  hear(slot: number, place: string, tempC: number): void {
    const sensors = this.#sensors[slot] ?? [];
    sensors.find((sensor) => sensor.place === place)?.hear(tempC, sensors);
  }

  look(): void {
    const { machine, clock, controller, isLeased } = this.#options;
    machine.body.step();
    this.#passedMs = clock.nowMs() - this.#lookedAtMs;
    this.#lookedAtMs = clock.nowMs();
    this.#isOn = this.isOn;
    this.#isForeign = isLeased() || controller()?.hardware.interlock.state.is === "foreign";
    if (this.#isOn) this.onMs += this.#passedMs;
    else if (this.#isFed) this.#excuse("supplyIgnoresLine");
    if (this.#isOn && this.#isForeign) this.#excuse("foreign");
    this.#hold("judged within its time", this.#isForeign, FOREIGN_LIMIT_MS, () => "");
    this.#lookAtFans();
    this.#lookAtSupply();
    this.#lookAtOrder();
    for (const [slot, sensors] of this.#sensors.entries()) {
      if (machine.body.boards[slot]?.isMissing !== false) continue;
      this.#lookAtHeat(slot, sensors);
      this.#lookAtBoard(slot, sensors);
    }
  }

  get #isFed(): boolean {
    const { output } = this.#options.machine.body;
    return output.isOn && output.railMv > EMPTY_MV;
  }

  #hold(promise: string, isBroken: boolean, limitMs: number, facts: () => string): void {
    if (isBroken) this.promises.broken(promise, this.#isOn, limitMs, facts);
    else this.promises.kept(promise);
  }

  #excuse(name: Parameters<Promises["excuse"]>[0]): void {
    this.promises.excuse(name, this.#passedMs);
  }

  #lookAtFans(): void {
    const { machine, config } = this.#options;
    const { fans } = machine.body;
    const needed = config.machineSpec.fans?.count ?? 0;
    let good = 0;
    let liars = 0;
    const leastAtFullRpm = config.machineSpec.fans?.minRpm ?? STANDING_RPM;
    for (const [index, { rpm, duty, trouble }] of fans.entries()) {
      const lowest = this.#duties[index]?.note(duty, this.#lookedAtMs) ?? duty;
      if (lowest < MAY_STAND_BELOW || rpm >= FAN_SHARE * leastAtFullRpm * lowest) good += 1;
      else if (trouble.isLying || trouble.tachFactor > 1) liars += 1;
    }
    const isExcused = good + liars >= needed;
    if (good < needed && isExcused && this.#isOn) this.#excuse("lyingTach");
    this.#hold("fans turn", good < needed && !isExcused && !this.#isForeign, SENSE_LIMIT_MS, () => {
      const speeds = fans.map(({ rpm }) => Math.round(rpm)).join(" ");
      return `${good} of ${needed}: ${speeds}`;
    });
  }

  #lookAtSupply(): void {
    const { machine, config } = this.#options;
    const { output, supply } = machine.body;
    const { min, max } = config.machineSpec.railMv ?? {};
    if (min === undefined || max === undefined) return;
    const setMv = supply?.setpointMv ?? 0;
    const limitMs = SUPPLY_LIMIT_MS + this.#supplySilentMs();
    const isBeyond = setMv < min * (1 - STEP_SHARE) || setMv > max * (1 + STEP_SHARE);
    // Counted from when it gives voltage: a supply that is off may lose what it was told with its mains.
    const isOff = isBeyond && this.#isOn;
    // A machine that is held for the next controller has nobody who reads its supply: counted as `foreign`.
    if (this.#isForeign) return;
    if (isOff && this.isFirmwareUnknown) {
      if (this.#isOn) this.#excuse("unknownFirmware");
      this.promises.kept("setpoint within limits");
      return;
    }
    this.#hold("setpoint within limits", isOff, limitMs, () => `${setMv} mV`);
    const isHigh = output.railMv > max + OUTPUT_TOLERANCE_MV;
    this.#hold("output within limits", isHigh, limitMs, () => `${output.railMv} mV`);
  }

  /** Time that disturbances of the supply's data line may add. */
  #supplySilentMs(): number {
    const { machine, clock } = this.#options;
    const isDisturbed = machine.faults.some(
      ({ name, parameters }) => name.startsWith("psu") || parameters["bus"] === "psu",
    );
    if (isDisturbed) this.#disturbedAtMs = clock.nowMs();
    return clock.nowMs() - this.#disturbedAtMs <= SUPPLY_SILENT_MS ? SUPPLY_SILENT_MS : 0;
  }

  /**
   * A weakness that is left open by name. Types C1 and C2 have two curves by their firmware; where a supply refuses to
   * tell it the older one is taken, which may be 0.3 V wrong until the supply's calibration was read: too little for the measured
   * output to be wrong. Decided in `firmwareFor` of
   * src/drivers/psu/probe-power-supply.ts.
   */
  get isFirmwareUnknown(): boolean {
    const supply = this.#options.controller()?.life.fitted?.supply;
    if (supply?.is !== "fitted") return false;
    const { typeCode, firmware } = supply.supply.identity;
    return firmware === null && (typeCode === 0xc1 || typeCode === 0xc2);
  }

  #lookAtOrder(): void {
    const { controller, isRunning, isLeased } = this.#options;
    const order = controller()?.orders.order;
    this.#hold("off when curtailed", order === "curtailed", REACTION_MS, () => "curtailed");
    const isAlone = !isRunning() && !isLeased();
    this.#hold("off without a controller", isAlone, DEAD_LIMIT_MS, () => "no process");
  }

  #lookAtHeat(slot: number, sensors: readonly WatchedSensor[]): void {
    const { machine, config, isLeased } = this.#options;
    const { chipC } = config.machineSpec.limits;
    let isHidden = false;
    for (const sensor of sensors) {
      const liesWell = sensor.liesWell;
      isHidden ||= liesWell;
      if (sensor.isHot && liesWell && this.#isOn) this.#excuse("lyingSensorHidesHeat");
      const isSudden = isLeased() && sensor.isSudden;
      isHidden ||= isSudden;
      if (sensor.isHot && isSudden && this.#isOn) this.#excuse("suddenHeatInLease");
      const isBroken = sensor.isHot && !liesWell && !isSudden;
      this.#hold(sensor.coolPromise, isBroken, SENSE_LIMIT_MS, () => sensor.text);
    }
    const { dieC } = machine.body.boards[slot]?.heat ?? {};
    const limitC = chipC?.cut ?? DIE_LIMIT_C;
    const isHot = dieC?.some((tempC) => tempC > limitC) === true;
    const isSpot = machine.faults.some(({ name, chain }) => name === "hotSpot" && chain === slot);
    if (isHot && isSpot && this.#isOn) this.#excuse("hotSpot");
    const isBroken = isHot && !isHidden && !isSpot;
    this.#hold(`cool dies of slot ${slot}`, isBroken, SENSE_LIMIT_MS, () => {
      return `dies at ${dieC?.join(" ") ?? ""} C`;
    });
  }

  #lookAtBoard(slot: number, sensors: readonly WatchedSensor[]): void {
    const { machine, controller } = this.#options;
    if (this.#isForeign) return;
    const isClocked = (machine.chips[slot]?.freqMHz ?? 0) > 0;
    const counts = controller()?.hardware.poweredSlots.includes(slot) === true;
    this.#hold(`slot ${slot} at rest when isolated`, isClocked && !counts, REACTION_MS, () => {
      return `clocked at ${machine.chips[slot]?.freqMHz ?? 0} MHz`;
    });
    if (!this.#isOn || (!counts && !isClocked)) return;
    for (const sensor of sensors) {
      if (sensor.isTrusted) continue;
      if (sensor.liesWell) this.#excuse("lyingSensor");
      else this.promises.blame("temperature trusted", sensor.text);
    }
  }
}
