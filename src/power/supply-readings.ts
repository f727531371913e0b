import type { PowerSupply, PsuTemperature } from "../drivers/power-supply.js";
import type { Clock } from "../lib/clock.js";
import { findingOf, type Finding } from "../lib/finding.js";

/** What a supply can be asked for, with the type of the answer. */
export interface SupplyValues {
  readonly setpointMv: number;
  readonly outputMv: number;
  readonly isOn: boolean;
  readonly powerW: number;
  readonly temperatures: readonly PsuTemperature[];
}
export type SupplyQuestion = keyof SupplyValues;

export interface Timed<Value> {
  readonly value: Value;
  readonly atMs: number;
}

/** Drivers repeat a round by themselves; a supply that was silent for so many questions does not answer any more. */
const SILENT_AFTER = 3;

/** Output and power change by themselves, the rest hardly: a round takes seconds, so they are asked for more often. */
const ORDER_ON: readonly SupplyQuestion[] = [
  ...(["outputMv", "powerW", "temperatures"] as const),
  ...(["outputMv", "powerW", "setpointMv"] as const),
  ...(["outputMv", "powerW", "isOn"] as const),
];

/** While the output is off: whether it is empty, and what it will have. */
const ORDER_OFF: readonly SupplyQuestion[] = ["outputMv", "setpointMv"];
/** Between two questions while the output is off, so that the slow bus is free when power is wanted. */
const OFF_PAUSE_MS = 5000;

type Answers = { [Question in SupplyQuestion]?: Timed<SupplyValues[Question]> };

/** What the supply said last, and when. Every answer, whoever asked, is kept here. */
export class SupplyReadings {
  readonly #supply: PowerSupply;
  readonly #clock: Clock;
  readonly #answers: Answers = {};
  #next = 0;
  #lastUseMs: number;
  #answeredMs: number | undefined;
  #failures = 0;
  #trouble: Finding | undefined;

  constructor(supply: PowerSupply, clock: Clock) {
    this.#supply = supply;
    this.#clock = clock;
    this.#lastUseMs = clock.nowMs();
  }

  /** The supply has an answer to this. */
  can(question: SupplyQuestion): boolean {
    return this.#reader(question) !== undefined;
  }

  /** Seconds since it answered anything; Infinity before. Undefined for one that can be asked nothing. */
  get answerAgeS(): number | undefined {
    if (this.#answeredMs !== undefined) return (this.#clock.nowMs() - this.#answeredMs) / 1000;
    return ORDER_ON.some((question) => this.can(question)) ? Infinity : undefined;
  }

  latest<Question extends SupplyQuestion>(
    question: Question,
  ): Timed<SupplyValues[Question]> | undefined {
    return this.#answers[question];
  }

  /** Why the supply counts as silent; undefined while it answers. */
  get trouble(): Finding | undefined {
    return this.#failures >= SILENT_AFTER ? this.#trouble : undefined;
  }

  /** Asks now. One try: drivers repeat by themselves. @throws what the driver throws */
  async read<Question extends SupplyQuestion>(question: Question): Promise<SupplyValues[Question]> {
    const reader = this.#reader(question);
    if (reader === undefined) throw new TypeError(`the supply cannot tell its ${question}`);
    try {
      const value = await reader();
      this.#answeredMs = this.#clock.nowMs();
      this.#answers[question] = { value, atMs: this.#answeredMs } as Answers[Question];
      this.#failures = 0;
      return value;
    } catch (error) {
      this.#failures += 1;
      this.#trouble = findingOf(error, { question }, "PSU_NO_ANSWER");
      throw error;
    } finally {
      this.#lastUseMs = this.#clock.nowMs();
    }
  }

  /**
   * Asks `first`, or the next question of the round; while the output is off only some, with pauses. Resolves with it, or
   * undefined where nothing was asked or answered.
   */
  async poll(isOn: boolean, first?: SupplyQuestion): Promise<SupplyQuestion | undefined> {
    if (!isOn && this.#clock.nowMs() < this.#lastUseMs + OFF_PAUSE_MS) return undefined;
    const order = (isOn ? ORDER_ON : ORDER_OFF).filter((question) => this.can(question));
    const question = first ?? order[this.#next % Math.max(1, order.length)];
    if (question === undefined) return undefined;
    if (first === undefined) this.#next += 1;
    try {
      await this.read(question);
      return question;
    } catch {
      return undefined; // counted, and told as trouble when it goes on
    }
  }

  #reader<Question extends SupplyQuestion>(
    question: Question,
  ): (() => Promise<SupplyValues[Question]>) | undefined {
    const supply = this.#supply;
    const readers: { [Each in SupplyQuestion]: (() => Promise<SupplyValues[Each]>) | undefined } = {
      setpointMv: supply.readSetpointMv?.bind(supply),
      outputMv: supply.readOutputMv?.bind(supply),
      isOn: supply.readIsOn?.bind(supply),
      powerW: supply.readPowerW?.bind(supply),
      temperatures: supply.readTemperaturesC?.bind(supply),
    };
    return readers[question];
  }
}
