import type { ControlBoard, MachineSpec } from "../../boards/machine-spec.js";
import { CoolingControl, type CoolingFacts } from "../../cooling/cooling-control.js";
import type { CoolingPlan } from "../../cooling/cooling-plan.js";
import type { CoolingWitness } from "../../cooling/cooling-witness.js";
import type { FanBank } from "../../cooling/fan-bank.js";
import type { PowerSupply } from "../../drivers/power-supply.js";
import type { Hardware, NativeLine } from "../../hal/hardware.js";
import { withDeadline } from "../../hal/with-deadline.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import { errorOf, findingOf, findingText, type Finding } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { PowerLoad } from "../../power/power-estimate.js";
import { Rail } from "../../power/rail.js";
import type { ChainFact } from "../../safety/rail-facts.js";
import type { RailInterlock } from "../../safety/rail-interlock.js";
import { spareMs } from "../../safety/spare-time.js";
import type { ControlBoardSnapshot } from "../../telemetry/machine-snapshot.js";
import type { ControlBoardWatch } from "./control-board-watch.js";
import { switchConverters } from "./converters.js";
import type { RememberedSerials } from "./cross-checks.js";
import type { DrivenFacts } from "./driven-facts.js";
import { usableSlots, type FittedMachine, type FittedSlot } from "./fitted-machine.js";
import { identifyMachine } from "./identify.js";
import type { MachineBuses, MachineParts } from "./parts.js";
import type { PermitFacts } from "./permit-facts.js";
import { MachineReadings, type MachineReadingsSnapshot } from "./readings.js";
import { selfTest, type SelfTestReport } from "./self-test.js";
import { wakeController } from "./wake-controller.js";

/** Converters are switched off before the rail, but a controller that does not answer must not keep it on. */
const CONVERTERS_OFF_LIMIT_MS = 500;
/** First readings of a running machine; the supply's come before. */
const FIRST_READINGS_LIMIT_MS = 5000;
const LOOK_AGAIN_MS = 250;
/** A little longer than a round of the supply's bus. */
const CLOSE_LIMIT_MS = 2500;

export interface MachineHardwareOptions {
  readonly machine: MachineSpec;
  readonly board: ControlBoard;
  readonly slots: readonly number[];
  readonly facts: DrivenFacts;
  readonly hardware: Hardware;
  readonly resetLines: ReadonlyMap<number, NativeLine>;
  readonly buses: MachineBuses;
  readonly fans: FanBank;
  readonly cooling: CoolingPlan;
  readonly coolingWitness?: CoolingWitness | undefined;
  readonly interlock: RailInterlock;
  /** Undefined where it does not measure its temperature. */
  readonly controlBoard: ControlBoardWatch | undefined;
  /** Of the control board, where it has one. */
  readonly watchdog?: { close(): Promise<void> } | undefined;
  /** Those that the interlock asks for. */
  readonly permitFacts: PermitFacts;
  /** Found already, where the interlock needed it. */
  readonly supply: PowerSupply | undefined;
  readonly parts: MachineParts;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What became of a machine that was running when we came. */
export type TakeOver =
  /** Its rail is ours without a gap. */
  | { readonly is: "continued" }
  /** Its rail was off, and is. */
  | { readonly is: "wasOff" }
  /** It was switched off, as not everything about it is proven. */
  | { readonly is: "poweredDown"; readonly reason: MinerError };

/** Everything of the machine that is not a chain: found, read and powered through here. */
export class MachineHardware {
  readonly #options: MachineHardwareOptions;
  readonly interlock: RailInterlock;
  /** Drives the fans from when it is started until this is closed. */
  readonly cooling: CoolingControl;
  #fitted: FittedMachine | undefined;
  #rail: Rail | undefined;
  #readings: MachineReadings | undefined;

  constructor(options: MachineHardwareOptions) {
    this.#options = options;
    const { cooling: plan, coolingWitness, fans, interlock, permitFacts, clock, log } = options;
    this.interlock = interlock;
    const facts = (): CoolingFacts => ({
      isPowered: interlock.isOn,
      slots: permitFacts.poweredSlots,
      temperatures: permitFacts.readings?.temperatures(permitFacts.poweredSlots) ?? [],
    });
    this.cooling = new CoolingControl({
      ...{ plan, fans, facts, witness: coolingWitness, clock, log },
    });
  }

  /** For what belongs to chains. */
  get hardware(): Hardware {
    return this.#options.hardware;
  }

  /** Reset lines by slot, for the native threads of the chains. Held in reset unless a machine is taken over. */
  get resetLines(): ReadonlyMap<number, NativeLine> {
    return this.#options.resetLines;
  }

  /** What the control board measures of itself; null where it does not. */
  get controlBoard(): ControlBoardSnapshot | null {
    return this.#options.controlBoard?.snapshot() ?? null;
  }

  get fans(): FanBank {
    return this.#options.fans;
  }

  /** @throws COMMAND_REFUSED before the machine was identified */
  get fitted(): FittedMachine {
    return known(this.#fitted, "identify");
  }

  /** @throws COMMAND_REFUSED before the machine was identified, and without a supply */
  get rail(): Rail {
    return known(this.#rail, "supply");
  }

  /** @throws COMMAND_REFUSED before the machine was identified */
  get readings(): MachineReadings {
    return known(this.#readings, "identify");
  }

  /** Slots whose boards count for the permit: those that are powered or are to be. */
  get poweredSlots(): readonly number[] {
    return this.#options.permitFacts.poweredSlots;
  }

  /** A board that is isolated no longer needs to be proven; it must be in reset, its converter off. */
  setPoweredSlots(slots: readonly number[]): void {
    this.#options.permitFacts.poweredSlots = [...slots];
  }

  /**
   * The board of a slot no longer counts, as its chain is in reset. Its converter is switched off too, and nobody waits
   * for that: a controller takes a third of a second to answer, and one that is silent never does.
   */
  takeOut(slot: number, reason: Finding): void {
    const { permitFacts, log } = this.#options;
    permitFacts.isolated = new Map([...permitFacts.isolated, [slot, reason]]);
    this.setPoweredSlots(this.poweredSlots.filter((each) => each !== slot));
    void this.setConverters(false, [slot]).then((failed) => {
      for (const finding of failed.values())
        log.warn({ error: findingText(finding) }, "converter of an isolated board is not off");
    });
  }

  /**
   * The board of a slot counts again and has its voltage, when no rule speaks against it. Resolves with what does.
   * @throws the reason of the signal
   */
  async bringBack(slot: number, signal: AbortSignal): Promise<Finding | undefined> {
    const { permitFacts, clock } = this.#options;
    for (const fitted of this.#slots([slot])) {
      const { readings } = this;
      const trouble = await wakeController({ fitted, readings, clock, signal });
      if (trouble !== undefined) return trouble;
    }
    const before = this.poweredSlots;
    this.setPoweredSlots([...before, slot].toSorted((one, other) => one - other));
    const refusal = this.interlock.admit(slot, "owner");
    if (refusal !== undefined) {
      this.setPoweredSlots(before);
      return refusal;
    }
    permitFacts.isolated = new Map([...permitFacts.isolated].filter(([each]) => each !== slot));
    const failure = (await this.setConverters(true, [slot], signal)).get(slot);
    if (failure !== undefined) this.takeOut(slot, failure);
    return failure;
  }

  #isolated(slots: readonly Pick<FittedSlot, "slot" | "verdict">[]): void {
    this.#options.permitFacts.isolated = new Map(
      slots.flatMap(({ slot, verdict }) =>
        verdict.is === "isolated" ? [[slot, verdict] as const] : [],
      ),
    );
  }

  /**
   * Finds out what is fitted and begins to read it. Usable slots count as powered from then on. Again after parts
   * were changed or a slot is to be tried again; the rail must be off then.
   * @throws COMMAND_REFUSED while the rail is on; the reason of the signal
   */
  async identify(signal: AbortSignal, remembered?: RememberedSerials): Promise<FittedMachine> {
    if (this.interlock.state.is === "on")
      throw new MinerError("COMMAND_REFUSED", { command: "identify", rail: "on" });
    const { machine, board, slots, hardware, buses, parts, clock, log } = this.#options;
    const supply = this.#foundSupply();
    await this.#forget();
    const mayStart = this.interlock.state.is === "off";
    const wishes = { machine, board, slots, hardware, buses, parts, supply, mayStart };
    const fitted = await identifyMachine({ ...wishes, remembered, clock, log, signal });
    this.#keep(fitted);
    return fitted;
  }

  /**
   * Proves fans, sensors and supply. Slots that pass count as powered.
   * @throws COMMAND_REFUSED before the machine was identified; the reason of the signal
   */
  async selfTest(signal: AbortSignal): Promise<SelfTestReport> {
    const { fitted, readings, fans } = this;
    const { clock } = this.#options;
    const isAtRest = this.interlock.state.is === "off";
    const report = await selfTest({ fitted, fans, readings, isAtRest, clock, signal });
    const usable = report.slots.filter(({ verdict }) => verdict.is === "usable");
    this.setPoweredSlots(usable.map(({ slot }) => slot));
    this.#isolated(report.slots);
    return report;
  }

  /**
   * Judges a machine that a program before us may have left running. Power goes on without a gap when everything is
   * read, fresh and below its limits; otherwise it is off when this resolves. Within a minute the interlock decides
   * by itself. The chains are the caller's.
   * @throws COMMAND_REFUSED when it was not opened to be taken over; PSU_NOT_OFF; the reason of the signal
   */
  async takeOver(signal: AbortSignal): Promise<TakeOver> {
    if (this.interlock.state.is !== "foreign")
      throw new MinerError("COMMAND_REFUSED", {
        command: "takeOver",
        rail: this.interlock.state.is,
      });
    try {
      const { supply } = await this.identify(signal);
      if (supply.is === "refused") throw errorOf(supply);
      const isOn = await this.rail.readForeign(signal);
      // The interlock may have cut it meanwhile: then it was running, and is to be told as such.
      if (this.interlock.trip !== undefined) throw this.interlock.trip;
      if (isOn === false) {
        await this.powerOff("found off");
        return { is: "wasOff" };
      }
      if (isOn === undefined) throw new MinerError("COMMAND_REFUSED", { rail: "cannot be read" });
      await this.#firstReadings(signal);
      this.interlock.adopt();
      return { is: "continued" };
    } catch (error) {
      await this.powerOff("not proven");
      signal.throwIfAborted();
      const reason = isMinerError(error) ? error : errorOf(findingOf(error));
      return { is: "poweredDown", reason };
    }
  }

  /**
   * Board converters on or off, where boards have them: three tries a second apart, all boards at once.
   * Resolves with what failed, by slot.
   */
  setConverters(
    isOn: boolean,
    slots: readonly number[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<number, Finding>> {
    const { clock } = this.#options;
    return switchConverters({ slots: this.#slots(slots), isOn, clock, signal });
  }

  /**
   * Converters off, then the supply. Chains belong in reset before. Ends within a second, whoever does not answer; the
   * supply's data line is not needed.
   * @throws PSU_NOT_OFF
   */
  async powerOff(reason: string): Promise<void> {
    const { clock } = this.#options;
    const fitted = (this.#fitted?.slots ?? []).filter((slot) => slot.controller !== undefined);
    if (this.interlock.isOn && fitted.length > 0) {
      const off = switchConverters({ slots: fitted, isOn: false, clock, tries: 1 });
      const late = (): MinerError => new MinerError("CONTROLLER_NO_ANSWER", { reason: "late" });
      // The rail goes off in any case, and takes the converters with it.
      await withDeadline(off, clock, CONVERTERS_OFF_LIMIT_MS, late).catch(() => undefined);
    }
    await (this.#rail?.switchOff(reason) ?? this.interlock.switchOff(reason));
  }

  /** Where the permit learns what the chains do. */
  watchChains(facts: () => readonly ChainFact[]): void {
    this.#options.permitFacts.chains = facts;
  }

  /** How long the temperatures need nobody who looks at them, at worst. */
  spareMs(): number {
    const { permitFacts, facts } = this.#options;
    return spareMs(permitFacts.now(), facts.limits);
  }

  /** What all parts say; undefined before the machine was identified. */
  snapshot(load?: Omit<PowerLoad, "railMv">): MachineReadingsSnapshot | undefined {
    return this.#readings?.snapshot(load);
  }

  /**
   * Switches off and lets everything go; fans stay at full duty unless all is cool. With `asIs` the power stays on, for
   * a program that takes it over.
   * @throws PSU_NOT_OFF; everything is closed all the same
   */
  async close(how: "off" | "asIs" = "off"): Promise<void> {
    try {
      if (how === "off") await this.powerOff("closed");
    } finally {
      this.interlock.close();
      const { buses, hardware, controlBoard, watchdog, clock } = this.#options;
      const late = (): MinerError => new MinerError("I2C_TIMEOUT", { reason: "close" });
      const bounded = (work: Promise<unknown>): Promise<unknown> =>
        withDeadline(work, clock, CLOSE_LIMIT_MS, late).catch(() => undefined); // ends with its bus
      // Frames are ended first: a part that got half of one may not understand the next program.
      await bounded(this.#forget());
      await bounded(this.cooling.stop());
      await bounded(controlBoard?.stop() ?? Promise.resolve());
      await bounded(Promise.all([buses.boards?.close(), buses.psu?.close()]));
      await bounded(watchdog?.close() ?? Promise.resolve());
      await hardware.close();
    }
  }

  #keep(fitted: FittedMachine): void {
    const { machine, fans, facts, clock, log } = this.#options;
    const { interlock } = this;
    this.#fitted = fitted;
    const { supply } = fitted;
    if (supply.is === "fitted") {
      const { timing, ratedW } = supply.spec;
      const wishes = { supply: supply.supply, timing, ratedW, machine, limits: facts.limits };
      this.#rail = new Rail({ ...wishes, interlock, clock, log });
    }
    this.setPoweredSlots(usableSlots(fitted.slots).map(({ slot }) => slot));
    this.#isolated(fitted.slots);
    this.#readings = new MachineReadings({
      slots: fitted.slots,
      fans,
      rail: this.#rail,
      clock,
      onReading: () => {
        interlock.check();
      },
    });
    this.#readings.start();
    Object.assign(this.#options.permitFacts, { rail: this.#rail, readings: this.#readings });
  }

  /** A supply is not asked again what it is: its bus takes seconds. One that fell silent may be another now. */
  #foundSupply(): PowerSupply | undefined {
    if (this.#options.supply !== undefined) return this.#options.supply;
    return this.#rail?.trouble === undefined ? this.#rail?.supply : undefined;
  }

  /** Ends readings and rail of what was identified before. */
  async #forget(): Promise<void> {
    const readings = this.#readings;
    this.#rail?.close();
    this.#rail = undefined;
    this.#readings = undefined;
    this.#fitted = undefined;
    Object.assign(this.#options.permitFacts, { rail: undefined, readings: undefined });
    this.setPoweredSlots([]);
    await readings?.stop();
  }

  /** Waits until sensors and fans of a running machine were read, so that they can be judged. */
  async #firstReadings(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await this.fans.prove(signal);
    const endMs = clock.nowMs() + FIRST_READINGS_LIMIT_MS;
    const isRead = (): boolean =>
      this.readings.temperatures(this.poweredSlots).every(({ tempC }) => tempC !== undefined);
    while (!isRead() && clock.nowMs() < endMs) await clock.sleep(LOOK_AGAIN_MS, signal);
  }

  #slots(slots: readonly number[]): readonly FittedSlot[] {
    return this.fitted.slots.filter(({ slot }) => slots.includes(slot));
  }
}

function known<Value>(value: Value | undefined, missing: string): Value {
  if (value === undefined) throw new MinerError("COMMAND_REFUSED", { missing });
  return value;
}
