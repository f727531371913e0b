import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import { errorOf, findingText, findingOf, type Finding } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import { outputLimits } from "../../power/output-watch.js";
import type { BoardMemory } from "../board-memory.js";
import type { FittedMachine } from "../machine/fitted-machine.js";
import type { MachineHardware } from "../machine/machine-hardware.js";
import type { Found, LifeHardware, LifeRail, OffConfirmation } from "./life-hardware.js";
import { withVerdicts } from "./verdicts.js";

/** Longer than a rail without load takes to be empty, and a few rounds of the slowest supply. */
const CONFIRM_LIMIT_MS = 60_000;
const LOOK_AGAIN_MS = 250;

export interface FittedHardwareOptions {
  readonly machine: MachineHardware;
  readonly memory: BoardMemory;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the life of the machine asks of supply, boards and fans. */
export class FittedHardware implements LifeHardware {
  readonly #options: FittedHardwareOptions;

  constructor(options: FittedHardwareOptions) {
    this.#options = options;
  }

  get rail(): LifeRail {
    return this.#options.machine.rail;
  }

  async find(signal: AbortSignal): Promise<Found> {
    const { machine, log } = this.#options;
    if (machine.interlock.state.is !== "foreign")
      return { fitted: await this.identify(signal), isRunning: false };
    const outcome = await machine.takeOver(signal);
    if (outcome.is === "continued") return { fitted: machine.fitted, isRunning: true };
    if (outcome.is === "poweredDown")
      log.warn({ reason: findingText(findingOf(outcome.reason)) }, "running machine is not proven");
    // Nothing of a machine that may be running was started: controllers sit in their loaders.
    return { fitted: await this.identify(signal), isRunning: false };
  }

  async identify(signal: AbortSignal): Promise<FittedMachine> {
    const { machine, memory } = this.#options;
    const fitted = await machine.identify(signal, memory.serials);
    await memory.keep(fitted);
    return fitted;
  }

  async selfTest(signal: AbortSignal): Promise<FittedMachine> {
    const { machine } = this.#options;
    const report = await machine.selfTest(signal);
    const [first] = report.machine;
    if (first !== undefined) throw errorOf(first);
    const verdicts = report.slots.map(({ slot, verdict }) => [slot, verdict] as const);
    return withVerdicts(machine.fitted, new Map(verdicts));
  }

  openConverters(
    slots: readonly number[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, Finding>> {
    return this.#options.machine.setConverters(true, slots, signal);
  }

  setPowered(slots: readonly number[]): void {
    this.#options.machine.setPoweredSlots(slots);
  }

  powerOff(reason: string): Promise<void> {
    return this.#options.machine.powerOff(reason);
  }

  switchOff(reason: string): Promise<void> {
    const { machine } = this.#options;
    // The interlock drives the line before this returns; what the rail was about ends after it.
    const off = machine.interlock.switchOff(reason);
    const { rail = null } = machine.snapshot() ?? {};
    if (rail !== null) void machine.rail.switchOff(reason).catch(() => undefined); // told by the interlock
    return off;
  }

  onTrip(listener: (error: MinerError) => void): () => void {
    return this.#options.machine.interlock.events.on("tripped", listener);
  }

  onIsolate(listener: (slot: number, error: MinerError) => void): () => void {
    return this.#options.machine.interlock.events.on("isolate", listener);
  }

  takeOut(slot: number, error: MinerError): void {
    this.#options.machine.takeOut(slot, error);
  }

  bringBack(slot: number, signal: AbortSignal): Promise<Finding | undefined> {
    return this.#options.machine.bringBack(slot, signal);
  }

  noteFault(error: MinerError): void {
    this.#options.machine.interlock.note(error);
  }

  clearTrip(by: "rule" | "owner"): void {
    this.#options.machine.interlock.clearTrip(by);
  }

  async confirmOff(signal: AbortSignal): Promise<OffConfirmation> {
    const { clock } = this.#options;
    const sinceMs = clock.nowMs();
    while (clock.nowMs() < sinceMs + CONFIRM_LIMIT_MS) {
      const outputMv = this.#outputSince(sinceMs);
      if (outputMv === undefined) break;
      if (outputMv !== null && outputMv <= this.#emptyMv())
        return { by: "readback", outputMv, unixMs: clock.unixMs() };
      await clock.sleep(LOOK_AGAIN_MS, signal);
    }
    return { by: "none", outputMv: null, unixMs: clock.unixMs() };
  }

  /** What the supply measured since; null while it has not, undefined where it cannot. */
  #outputSince(sinceMs: number): number | null | undefined {
    const { machine, clock } = this.#options;
    const rail = machine.snapshot()?.rail ?? undefined;
    if (rail === undefined || machine.rail.supply.readOutputMv === undefined) return undefined;
    const { value, ageS } = rail.outputMv;
    return ageS !== null && clock.nowMs() - ageS * 1000 >= sinceMs ? value : null;
  }

  #emptyMv(): number {
    const { supply, setpoint } = this.#options.machine.rail;
    return outputLimits(setpoint.is === "verified" ? setpoint.railMv : supply.rangeMv.min).lowMv;
  }
}
