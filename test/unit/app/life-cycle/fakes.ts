import type { ResetPlace } from "../../../../src/asic/chain/reset-group.js";
import type { ChainOrder, ChainStanding } from "../../../../src/app/chain-state.js";
import type { TeamChain } from "../../../../src/app/life-cycle/chain-team.js";
import type {
  Found,
  LifeHardware,
  LifeRail,
  OffConfirmation,
} from "../../../../src/app/life-cycle/life-hardware.js";
import type { FittedMachine, FittedSlot } from "../../../../src/app/machine/fitted-machine.js";
import type { Clock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import type { ChainFact } from "../../../../src/safety/rail-facts.js";
import type { Finding } from "../../../../src/lib/finding.js";

/** Times that parts take, long enough to do something meanwhile. */
const IDENTIFY_MS = 1000;
const SELF_TEST_MS = 500;
const VOLTAGE_MS = 2000;
const SWITCH_ON_MS = 1000;

/** Supply, boards and fans that do what they are told and say so in the log. */
export class FakeHardware implements LifeHardware {
  readonly log: string[];
  readonly rail: LifeRail;
  isOn = false;
  isRunning = false;
  fitted: FittedMachine;
  /** Slots that fail the self-test. */
  readonly failing = new Map<number, Finding>();
  readonly openFailures = new Map<number, Finding>();
  powered: readonly number[] = [];
  /** The next call of that name fails. */
  readonly errors = new Map<string, MinerError>();
  confirmation: OffConfirmation = { by: "readback", outputMv: 12, unixMs: 1 };
  readonly #clock: Clock;
  /** Faults that are remembered. */
  readonly noted: string[] = [];
  /** What speaks against a board that is to come back. */
  readonly refusals = new Map<number, Finding>();
  #onIsolate: ((slot: number, error: MinerError) => void) | undefined;
  #onTrip: ((error: MinerError) => void) | undefined;

  constructor(log: string[], clock: Clock, slots: number) {
    this.log = log;
    this.#clock = clock;
    this.fitted = machineOf(Array.from({ length: slots }, (_, slot) => fittedSlot(slot)));
    this.rail = {
      prepare: (railMv, signal) => this.#do(`prepare ${railMv}`, VOLTAGE_MS, signal),
      switchOn: async (signal) => {
        await this.#do("switch on", SWITCH_ON_MS, signal);
        this.isOn = true;
      },
      calibrate: () => Promise.resolve(),
      changeTo: (railMv, signal) => this.#do(`change to ${railMv}`, VOLTAGE_MS, signal),
    };
  }

  async find(signal: AbortSignal): Promise<Found> {
    await this.#do("find", IDENTIFY_MS, signal);
    if (this.isRunning) this.isOn = true;
    return { fitted: this.fitted, isRunning: this.isRunning };
  }

  async identify(signal: AbortSignal): Promise<FittedMachine> {
    await this.#do("identify", IDENTIFY_MS, signal);
    return this.fitted;
  }

  async selfTest(signal: AbortSignal): Promise<FittedMachine> {
    await this.#do("self-test", SELF_TEST_MS, signal);
    return machineOf(
      this.fitted.slots.map((slot) => {
        const finding = this.failing.get(slot.slot);
        return finding === undefined ? slot : { ...slot, verdict: { is: "isolated", ...finding } };
      }),
    );
  }

  async openConverters(
    slots: readonly number[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, Finding>> {
    await this.#do(`converters ${slots.join(" ")}`, 0, signal);
    return this.openFailures;
  }

  setPowered(slots: readonly number[]): void {
    this.powered = slots;
  }

  powerOff(reason: string): Promise<void> {
    return this.switchOff(reason, "power off");
  }

  switchOff(reason: string, word = "switch off"): Promise<void> {
    this.log.push(`${word}: ${reason}`);
    this.isOn = false;
    return this.#fail(word);
  }

  onTrip(listener: (error: MinerError) => void): () => void {
    this.#onTrip = listener;
    return () => {
      this.#onTrip = undefined;
    };
  }

  trip(error: MinerError): void {
    this.isOn = false;
    this.log.push(`trip: ${error.code}`);
    this.#onTrip?.(error);
  }

  onIsolate(listener: (slot: number, error: MinerError) => void): () => void {
    this.#onIsolate = listener;
    return () => {
      this.#onIsolate = undefined;
    };
  }

  /** As the interlock asks for it. */
  isolate(slot: number, error: MinerError): void {
    this.#onIsolate?.(slot, error);
  }

  takeOut(slot: number): void {
    this.log.push(`take out ${slot}`);
    this.powered = this.powered.filter((each) => each !== slot);
  }

  bringBack(slot: number): Promise<Finding | undefined> {
    const refusal = this.refusals.get(slot);
    this.log.push(`bring back ${slot}${refusal === undefined ? "" : ": refused"}`);
    if (refusal === undefined) this.powered = [...this.powered, slot];
    return Promise.resolve(refusal);
  }

  noteFault(error: MinerError): void {
    if (this.isOn) this.noted.push(error.code);
  }

  clearTrip(by: "rule" | "owner"): void {
    this.log.push(`clear trip: ${by}`);
  }

  async confirmOff(signal: AbortSignal): Promise<OffConfirmation> {
    await this.#clock.sleep(VOLTAGE_MS, signal);
    return this.confirmation;
  }

  async #do(what: string, ms: number, signal: AbortSignal): Promise<void> {
    this.log.push(what);
    await this.#clock.sleep(ms, signal);
    await this.#fail(what);
  }

  #fail(what: string): Promise<void> {
    const error = this.errors.get(what);
    this.errors.delete(what);
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  }
}

/** A chain that comes up after a while, or fails. */
export class FakeChain implements TeamChain {
  readonly slot: number;
  standing: ChainStanding = "off";
  error: MinerError | undefined;
  /** What comes of the next start. */
  fails: MinerError | undefined;
  /** Its reset line cannot be driven, for this reason. */
  holds: MinerError | undefined;
  ordered: ChainOrder | undefined;
  freqMHz = 0;
  together: ResetPlace | undefined;
  changed: () => void = () => undefined;
  readonly #log: string[];
  readonly #clock: Clock;
  #cancel: () => void = () => undefined;

  constructor(slot: number, log: string[], clock: Clock) {
    this.slot = slot;
    this.#log = log;
    this.#clock = clock;
  }

  get isAtOrder(): boolean {
    return this.freqMHz === this.ordered?.freqMHz;
  }

  start(together?: ResetPlace): void {
    this.together = together;
    this.#log.push(`start ${this.slot}`);
    this.#enter("pending");
    this.#cancel = this.#clock.after(5000, () => {
      this.error = this.fails;
      this.freqMHz = this.ordered?.freqMHz ?? 0;
      this.#enter(this.fails === undefined ? "up" : "failed");
    });
  }

  accompany(together: ResetPlace): void {
    this.#log.push(`accompany ${this.slot}`);
    this.together = together;
  }

  stop(): Promise<void> {
    this.#cancel();
    this.#log.push(`stop ${this.slot}`);
    this.#enter("off");
    return Promise.resolve();
  }

  async withdraw(error: MinerError): Promise<void> {
    await this.stop();
    if (this.holds !== undefined) throw this.holds;
    this.isolate(error);
  }

  fact(): ChainFact {
    return {
      ...{ slot: this.slot, isWorking: this.standing === "up", sinceS: 0, isWanted: true },
      ...{ nonceAgeS: 0, givenUp: undefined },
    };
  }

  isolate(error: MinerError): void {
    this.error = error;
    this.#log.push(`isolate ${this.slot}: ${error.code}`);
  }

  obey(order: ChainOrder): void {
    this.ordered = order;
    if (this.standing !== "up" || this.isAtOrder) return;
    this.#log.push(`clock ${this.slot}: ${order.freqMHz}`);
    this.#clock.after(3000, () => {
      this.freqMHz = order.freqMHz;
      this.changed();
    });
  }

  retry(): void {
    this.#log.push(`retry ${this.slot}`);
  }

  fail(code: "CHAIN_SILENT" | "LINK_HUNG_UP"): void {
    this.error = new MinerError(code, { chain: `chain${this.slot}` });
    this.#enter(code === "CHAIN_SILENT" ? "failed" : "waiting");
  }

  #enter(standing: ChainStanding): void {
    this.standing = standing;
    this.changed();
  }
}

export function fittedSlot(slot: number): FittedSlot {
  return {
    ...{ slot, plug: 1, eeprom: undefined, controller: undefined, controllerVersion: undefined },
    ...{ sensors: [], verdict: { is: "usable" }, warnings: [] },
  };
}

function machineOf(slots: readonly FittedSlot[]): FittedMachine {
  // The life asks the supply nothing itself.
  return { slots, supply: { is: "fitted" } as FittedMachine["supply"] };
}
