import type { MachineSpec } from "../../../src/boards/machine-spec.js";
import type { Clock } from "../../../src/lib/clock.js";
import type { BodySensor } from "../../../src/virtual/body/body-sensor.js";

/** A sensor is not relied on when it is older; half a second to act on that, and the look after it. */
export const SENSE_LIMIT_MS = 5000 + 500 + 100;
/** What a sensor's noise, lag and steps may add up to. */
const TOLERANCE_C = 3;
/** What a working sensor tells lies in here. */
const PLAUSIBLE_C = { above: 0, upTo: 120 };

/** One sensor: what is true at its place, and what its driver told the controller. */
export class WatchedSensor {
  readonly place: string;
  readonly coolPromise: string;
  readonly #slot: number;
  readonly #sensor: BodySensor;
  readonly #hotC: number;
  readonly #clock: Clock;
  #toldC: number | undefined;
  #toldAtMs = -Infinity;
  #isTrue = false;
  #truthAtMs = -Infinity;

  constructor(
    sensor: BodySensor,
    slot: number,
    { boardC, chipC }: MachineSpec["limits"],
    clock: Clock,
  ) {
    const { place, at } = sensor.spec;
    this.place = place;
    this.coolPromise = `cool at slot ${slot} ${place}`;
    this.#slot = slot;
    this.#sensor = sensor;
    this.#hotC = (at === "die" ? (chipC?.cut ?? boardC.cut) : boardC.cut) + TOLERANCE_C;
    this.#clock = clock;
  }

  hear(tempC: number): void {
    this.#toldC = tempC;
    this.#toldAtMs = this.#clock.nowMs();
    this.#isTrue = Math.abs(tempC - this.#sensor.trueC) <= TOLERANCE_C;
    if (this.#isTrue) this.#truthAtMs = this.#toldAtMs;
  }

  /** It told the truth lately. */
  get isTrusted(): boolean {
    return this.#clock.nowMs() - this.#truthAtMs <= SENSE_LIMIT_MS;
  }

  /** Its place is really above the limit. */
  get isHot(): boolean {
    return this.#sensor.trueC > this.#hotC;
  }

  /** It was heard lately, told a lie, and the lie is one that a working sensor could tell. */
  get liesWell(): boolean {
    const tempC = this.#toldC;
    if (this.#isTrue || tempC === undefined) return false;
    const isFresh = this.#clock.nowMs() - this.#toldAtMs <= SENSE_LIMIT_MS;
    return isFresh && tempC > PLAUSIBLE_C.above && tempC <= PLAUSIBLE_C.upTo;
  }

  get text(): string {
    const nowMs = this.#clock.nowMs();
    const told = this.#toldC === undefined ? "told nothing" : `told ${this.#toldC} C`;
    return (
      `slot ${this.#slot} ${this.place}: ${told} ${nowMs - this.#toldAtMs} ms ago, ` +
      `truth ${nowMs - this.#truthAtMs} ms ago, is ${this.#sensor.trueC.toFixed(1)} C`
    );
  }
}
