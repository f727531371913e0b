import type { MachineSpec, PowerSupplySpec } from "../boards/machine-spec.js";
import type { PowerSupply } from "../drivers/power-supply.js";
import { Turns } from "../hal/turns.js";
import type { Clock } from "../lib/clock.js";
import { isMinerError, MinerError } from "../lib/errors.js";
import { findingOf, findingText, type Finding } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import type { SetpointFact, SupplyFact } from "../safety/rail-facts.js";
import type { RailInterlock } from "../safety/rail-interlock.js";
import { OutputWatch, outputLimits } from "./output-watch.js";
import type { PowerLoad } from "./power-estimate.js";
import { railSnapshot, type RailSnapshot } from "./rail-snapshot.js";
import { RailVoltage } from "./rail-voltage.js";
import { untilEmpty, untilReady, type EmptyOutcome } from "./rail-waits.js";
import { SupplyReadings } from "./supply-readings.js";

/** From the enable line to a good output, where the supply's data does not say. Documented: S19 manual, APW12. */
const READY_MS = 2000;
/** Until the rail is low, where it is not measured. Captured: stock S19 Pro log. */
const DISCHARGE_MS = 30_000;
/** A setpoint that was read so lately need not be set again: well within what the permit bears. */
const SETPOINT_FRESH_S = 20;
/** Nor read again before the output goes on: a sag of the mains may make a supply forget it. Inferred: a round of its bus. */
const ENABLE_FRESH_S = 3;

export interface RailOptions {
  readonly supply: PowerSupply;
  readonly timing: PowerSupplySpec["timing"];
  /** Where known. */
  readonly ratedW?: number | undefined;
  readonly machine: Pick<MachineSpec, "rated" | "railMv" | "freqMHz">;
  readonly limits: { readonly minMv: number; readonly maxMv: number };
  readonly interlock: RailInterlock;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The rail that feeds all hashboards: the supply's voltage over its data line, its output through the interlock.
 * Commands wait for one another; switching off waits for nobody and ends whatever else is under way.
 */
export class Rail {
  readonly supply: PowerSupply;
  readonly #options: RailOptions;
  readonly #readings: SupplyReadings;
  readonly #voltage: RailVoltage;
  readonly #watch: OutputWatch;
  #isAskedAgain = false;
  readonly #turns = new Turns();
  #commands = 0;
  /** Measured before it was ever switched on from here. */
  #isKnownEmpty = false;
  /** What the last command asked for; the setpoint itself is only as near as the supply can express. */
  #askedMv: number | undefined;
  #off = new AbortController();
  readonly #unhook: () => void;

  constructor(options: RailOptions) {
    const { supply, interlock, clock, limits, log } = options;
    this.#options = options;
    this.supply = supply;
    this.#readings = new SupplyReadings(supply, clock);
    this.#voltage = new RailVoltage({ supply, readings: this.#readings, limits, clock });
    this.#watch = new OutputWatch({ interlock, clock, log, dischargeMs: this.#dischargeMs });
    this.#unhook = interlock.events.on("tripped", (error) => {
      this.#endCommands(error);
    });
  }

  get isOn(): boolean {
    return this.#options.interlock.isOn;
  }

  /** For the permit. */
  get setpoint(): SetpointFact {
    return this.#voltage.fact;
  }

  /** What it is and says beside its setpoint, for the permit. */
  get supplyFact(): SupplyFact {
    const readings = this.#readings;
    const { ratedW } = this.#options;
    const { min } = this.supply.rangeMv;
    const powerW = readings.latest("powerW")?.value;
    const outputMv = readings.latest("outputMv")?.value;
    // A regulator measures what it gives; the frames of other supplies tell what they take from the mains.
    const givesW = this.supply.setOutput === undefined ? undefined : powerW;
    return {
      answerAgeS: readings.answerAgeS,
      wrongOutput: this.#watch.wrongOutput,
      powerW,
      currentA: givesW === undefined || !outputMv ? undefined : (givesW / outputMv) * 1000,
      temperaturesC: readings.latest("temperatures")?.value.map(({ tempC }) => tempC) ?? [],
      ratedW,
      ratedA: ratedW === undefined ? undefined : (ratedW / min) * 1000,
    };
  }

  /** What is wrong with supply or output, beyond what cut the power; undefined when nothing is. */
  get trouble(): Finding | undefined {
    return this.#watch.trouble ?? this.#readings.trouble;
  }

  /**
   * Sets the voltage that the output will have, and reads it back. Takes two rounds of the supply's bus, none when
   * that voltage was verified just now.
   * @throws PSU_VOLTAGE_OUT_OF_RANGE, PSU_READBACK_MISMATCH, PSU_NO_ANSWER, I2C_...; COMMAND_REFUSED while it is on
   */
  prepare(railMv: number, signal?: AbortSignal): Promise<void> {
    return this.#command(signal, async (ends) => {
      this.#voltage.assertAllowed(railMv);
      if (this.isOn) throw refused("prepare", "on");
      const { fact } = this.#voltage;
      const isFresh = fact.is === "verified" && fact.ageS < SETPOINT_FRESH_S;
      if (!isFresh || this.#askedMv !== railMv) await this.#voltage.set(railMv, false, ends);
      this.#askedMv = railMv;
    });
  }

  /**
   * What a supply is asked once, when nobody waits for its bus: its watchdog off, whose time nobody knows, and its own
   * calibration read. Without that the formula of its type holds, which may be a tenth of a volt off: what is set is then
   * set anew. Never rejects.
   */
  async calibrate(signal?: AbortSignal): Promise<void> {
    const { supply } = this;
    const { log } = this.#options;
    if (supply.identity.calibration === "block") return;
    try {
      await this.#command(signal, async (ends) => {
        await supply.setWatchdog?.(false).catch((error: unknown) => {
          log.warn({ error: findingText(findingOf(error)) }, "watchdog of the supply not set");
        });
        ends.throwIfAborted();
        await supply.readCalibration?.();
        if (supply.identity.calibration !== "block" || this.#askedMv === undefined) return;
        const beforeMv = this.#verifiedMv;
        const isMoved = await this.#voltage.refresh(this.#askedMv, this.isOn, ends);
        if (isMoved && this.isOn) await this.#untilMoved(beforeMv, ends);
      });
      log.info({ ...supply.identity }, "supply is calibrated");
    } catch (error) {
      log.warn({ error: findingText(findingOf(error)) }, "supply is not calibrated");
    }
  }

  /**
   * Switches the output on and waits until it is there. Waits first until what was there before is gone.
   * @throws COMMAND_REFUSED with what the permit lacks; PSU_NOT_OFF, PSU_OUTPUT_WRONG: it is off then
   */
  switchOn(signal?: AbortSignal): Promise<void> {
    return this.#command(signal, async (ends) => {
      if (this.#options.interlock.state.is === "on") return;
      await this.#untilDischarged(ends);
      await this.#refreshSetpoint();
      ends.throwIfAborted();
      this.#isKnownEmpty = false;
      await this.#options.interlock.switchOn();
      try {
        await this.#untilReady(ends, false);
      } catch (error) {
        await this.#giveUp(error);
        throw error;
      }
    });
  }

  /**
   * Resolves when the enable line is driven. Never waits for the supply's data line.
   * @throws PSU_NOT_OFF
   */
  async switchOff(reason: string): Promise<void> {
    const off = this.#options.interlock.switchOff(reason);
    this.#endCommands(refused(reason, "off"));
    await off;
  }

  /**
   * Waits until a measurement says that the output is empty, as long as it may take. Undefined where the supply cannot
   * tell, did not answer, or measured something else to the end. @throws COMMAND_REFUSED while it is on
   */
  async confirmOff(signal?: AbortSignal): Promise<number | undefined> {
    let outcome: EmptyOutcome = { isEmpty: false, outputMv: undefined };
    await this.#command(signal, async (ends) => {
      if (this.#readings.can("outputMv")) outcome = await this.#untilEmpty(ends);
    });
    return outcome.isEmpty ? outcome.outputMv : undefined;
  }

  /**
   * Moves the voltage of the running rail in steps; after each the setpoint is read back and the output measured, where
   * the supply can. What was reached stays when the signal ends it.
   * @throws PSU_VOLTAGE_OUT_OF_RANGE before anything moves; PSU_READBACK_MISMATCH, PSU_NO_ANSWER, I2C_...: the
   *   interlock cuts a rail whose setpoint is not known; PSU_OUTPUT_WRONG: it is cut; COMMAND_REFUSED while it is off
   */
  changeTo(railMv: number, signal?: AbortSignal): Promise<void> {
    return this.#command(signal, async (ends) => {
      this.#voltage.assertAllowed(railMv);
      if (this.#options.interlock.state.is !== "on") throw refused("changeTo", "off");
      for (const moveMv of this.#voltage.movesTo(railMv)) {
        ends.throwIfAborted();
        const beforeMv = this.#verifiedMv;
        await this.#voltage.set(moveMv, true, ends);
        await this.#untilMoved(beforeMv, ends);
        // A large move takes half a minute, in which nobody else asks: what is drawn must not be that old.
        if (this.#readings.can("powerW"))
          await this.#readings.read("powerW").catch(() => undefined); // counted by the readings
      }
      this.#askedMv = railMv;
    });
  }

  /** The voltage at which cores are opened; the running one where none is known. @throws as prepare and changeTo */
  toOpen(signal?: AbortSignal): Promise<void> {
    const { open, running } = this.#nominal();
    return this.#goTo(open ?? running, signal);
  }

  /** @throws as prepare and changeTo */
  toRunning(signal?: AbortSignal): Promise<void> {
    return this.#goTo(this.#nominal().running, signal);
  }

  /**
   * Whether a supply that a program before us left is on; what it is set to counts as wanted from now on, and is what
   * comes out. Undefined where the type can tell neither its state nor its output.
   * @throws PSU_OUTPUT_WRONG, PSU_NO_ANSWER, I2C_...
   */
  async readForeign(signal?: AbortSignal): Promise<boolean | undefined> {
    const found: { isOn?: boolean } = {};
    await this.#command(signal, async (ends) => {
      const readings = this.#readings;
      if (readings.can("outputMv")) {
        // First of all, as it is the whole answer where the machine was off: a round takes two seconds.
        this.#isKnownEmpty = (await readings.read("outputMv")) <= this.#lowMv();
        if (this.#isKnownEmpty) found.isOn = false;
      }
      if (found.isOn === undefined && readings.can("isOn"))
        found.isOn = await readings.read("isOn");
      if (found.isOn === false) return;
      await this.#voltage.adopt();
      if (!readings.can("outputMv")) return;
      found.isOn = true;
      await this.#untilReady(ends, true);
    });
    return found.isOn;
  }

  /** Asks the supply the next question, unless a command needs its bus. */
  async poll(): Promise<void> {
    if (this.#commands > 0) return;
    // A round takes seconds: what is wrong is measured again before the others are asked.
    this.#isAskedAgain = this.#watch.wrongOutput?.times === 1 && !this.#isAskedAgain;
    const first = this.#isAskedAgain ? "outputMv" : undefined;
    const question = await this.#readings.poll(this.isOn, first);
    const { is } = this.setpoint;
    if (question === "outputMv" && this.#commands === 0 && is !== "changing") this.#judgeOutput();
  }

  /** With `load` the power is estimated where the supply cannot measure it. */
  snapshot(load?: Omit<PowerLoad, "railMv">): RailSnapshot {
    const { interlock, clock, machine } = this.#options;
    const { supply, trouble } = this;
    const setpoint = this.#voltage.fact;
    const readings = this.#readings;
    return railSnapshot({ interlock, clock, machine, supply, trouble, setpoint, readings, load });
  }

  close(): void {
    this.#unhook();
    this.#endCommands(refused("command", "closed"));
  }

  get #dischargeMs(): number {
    return this.#options.timing?.dischargeMs ?? DISCHARGE_MS;
  }

  #nominal(): { readonly running: number; readonly open?: number | undefined } {
    const { railMv } = this.#options.machine;
    if (railMv === undefined) throw new MinerError("MACHINE_NOT_DRIVEN", { missing: "railMv" });
    return railMv;
  }

  /** What the supply was read to be set to, and was told. */
  get #verifiedMv(): number | undefined {
    const { fact } = this.#voltage;
    return fact.is === "verified" ? fact.railMv : undefined;
  }

  #goTo(railMv: number, signal: AbortSignal | undefined): Promise<void> {
    return this.isOn ? this.changeTo(railMv, signal) : this.prepare(railMv, signal);
  }

  /** One after the other; each ends with the signal, with switching off and with a trip. */
  #command(
    signal: AbortSignal | undefined,
    action: (ends: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const off = this.#off.signal;
    const ends = signal === undefined ? off : AbortSignal.any([signal, off]);
    this.#commands += 1;
    return this.#turns
      .take(() => {
        ends.throwIfAborted();
        return action(ends);
      })
      .finally(() => {
        this.#commands -= 1;
      });
  }

  #endCommands(reason: MinerError): void {
    this.#off.abort(reason);
    this.#off = new AbortController();
  }

  /** Below this nothing works any more that the voltage could disturb when it returns. */
  #lowMv(): number {
    return outputLimits(this.#verifiedMv ?? this.supply.rangeMv.min).lowMv;
  }

  async #untilDischarged(signal: AbortSignal): Promise<void> {
    const { outputMv } = await this.#untilEmpty(signal);
    // The wait itself is enough for a rail that is nearly empty, but not for one that is still fed.
    if (outputMv !== undefined && outputMv > this.supply.rangeMv.min / 2)
      throw new MinerError("PSU_NOT_OFF", { outputMv, offS: this.#dischargeMs / 1000 });
  }

  #untilEmpty(signal: AbortSignal): Promise<EmptyOutcome> {
    const { interlock, clock } = this.#options;
    const { state } = interlock;
    if (state.is !== "off") throw refused("switchOn", state.is);
    const lowMv = this.#lowMv();
    if (this.#isKnownEmpty) return Promise.resolve({ isEmpty: true, outputMv: undefined });
    // What was empty while it was off is empty.
    const last = this.#readings.latest("outputMv");
    if (last !== undefined && last.atMs > state.sinceMs && last.value <= lowMv)
      return Promise.resolve({ isEmpty: true, outputMv: last.value });
    const endMs = state.sinceMs + this.#dischargeMs;
    return untilEmpty({ readings: this.#readings, clock, signal, lowMv, endMs });
  }

  async #untilMoved(beforeMv: number | undefined, signal: AbortSignal): Promise<void> {
    if (!this.#readings.can("outputMv")) return;
    try {
      await this.#untilReady(signal, true, beforeMv);
    } catch (error) {
      if (isMinerError(error, "PSU_OUTPUT_WRONG")) await this.#options.interlock.cut(error);
      throw error;
    }
  }

  async #untilReady(signal: AbortSignal, isMove: boolean, beforeMv?: number): Promise<void> {
    const { clock, timing } = this.#options;
    const setpointMv = this.#verifiedMv;
    if (setpointMv === undefined) throw refused("switchOn", "setpoint not verified");
    const readyMs = timing?.readyMs ?? READY_MS;
    const move = { setpointMv, readyMs, isMove, beforeMv };
    await untilReady({ readings: this.#readings, clock, signal, ...move });
  }

  /** Reads the setpoint again where the last reading is too old to enable on. */
  async #refreshSetpoint(): Promise<void> {
    const { fact } = this.#voltage;
    if (fact.is !== "verified" || fact.ageS < ENABLE_FRESH_S) return;
    await this.#readings.read("setpointMv");
  }

  async #giveUp(error: unknown): Promise<void> {
    const { interlock, log } = this.#options;
    // Whatever ended the wait: an output that nobody waits for must not stay on.
    if (isMinerError(error, "PSU_OUTPUT_WRONG")) await interlock.cut(error);
    else await interlock.switchOff("switching on ended").catch(() => undefined); // stuck: told there
    log.warn({ error: isMinerError(error) ? findingText(error) : String(error) }, "rail not on");
  }

  #judgeOutput(): void {
    const output = this.#readings.latest("outputMv");
    if (output !== undefined)
      this.#watch.judge(output.value, this.#verifiedMv, this.supply.rangeMv.min / 2);
  }
}

function refused(command: string, rail: string): MinerError {
  return new MinerError("COMMAND_REFUSED", { command, rail });
}
