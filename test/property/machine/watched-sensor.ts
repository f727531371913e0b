import type { MachineSpec } from "../../../src/boards/machine-spec.js";
import type { Clock } from "../../../src/lib/clock.js";
import { SLEW_C_PER_S } from "../../../src/safety/rules/temperatures.js";
import type { BodySensor } from "../../../src/virtual/body/body-sensor.js";

/** A sensor is not relied on when it is older; half a second to act on that, and the look after it. */
export const SENSE_LIMIT_MS = 5000 + 500 + 100;
/** What a sensor's noise, lag and steps may add up to. */
const TOLERANCE_C = 3;
/** What a working sensor tells lies in here. */
const PLAUSIBLE_C = { above: 0, upTo: 120 };
/** Two sensors of a board that are further apart contradict each other. */
const CONTRADICTION_C = 45;
/** A sensor that says the same so long contradicts another one that moves so far meanwhile. */
const STUCK = { ms: 60_000 + SENSE_LIMIT_MS, whileC: 7 };

/** One sensor: what is true at its place, and what its driver told the controller. */
export class WatchedSensor {
  readonly place: string;
  readonly coolPromise: string;
  readonly #slot: number;
  readonly #sensor: BodySensor;
  readonly #hotC: number;
  readonly #slewCPerS: number;
  readonly #clock: Clock;
  #toldC: number | undefined;
  #toldAtMs = -Infinity;
  #isTrue = false;
  #truthAtMs = -Infinity;
  #sameSinceMs = 0;
  /** Of what the others told since then. */
  readonly #others = new Map<WatchedSensor, { low: number; high: number }>();

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
    this.#slewCPerS = SLEW_C_PER_S[at === "die" ? "die" : "board"];
    this.#clock = clock;
  }

  /** @param siblings the sensors of its board, itself among them */
  hear(tempC: number, siblings: readonly WatchedSensor[]): void {
    if (tempC !== this.#toldC) {
      this.#sameSinceMs = this.#clock.nowMs();
      this.#others.clear();
    }
    for (const sibling of siblings) if (sibling !== this) sibling.#hearOther(this, tempC);
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

  /** Its place got warmer since it was heard, faster than anything that is powered makes it. */
  get isSudden(): boolean {
    const seconds = (this.#clock.nowMs() - this.#toldAtMs) / 1000;
    return this.#sensor.trueC - (this.#toldC ?? Infinity) > this.#slewCPerS * seconds;
  }

  /** It was heard lately, told a lie, and the lie is one that a working sensor could tell on such a board. */
  get liesWell(): boolean {
    const tempC = this.#toldC;
    if (this.#isTrue || tempC === undefined) return false;
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#toldAtMs > SENSE_LIMIT_MS) return false;
    if (tempC <= PLAUSIBLE_C.above || tempC > PLAUSIBLE_C.upTo) return false;
    const isStill = nowMs - this.#sameSinceMs >= STUCK.ms;
    for (const [other, { low, high }] of this.#others) {
      if (nowMs - other.#toldAtMs > SENSE_LIMIT_MS || other.#toldC === undefined) continue;
      if (Math.abs(other.#toldC - tempC) > CONTRADICTION_C) return false;
      if (isStill && high - low > STUCK.whileC) return false;
    }
    return true;
  }

  #hearOther(other: WatchedSensor, tempC: number): void {
    const range = this.#others.get(other);
    if (range === undefined) {
      this.#others.set(other, { low: tempC, high: tempC });
      return;
    }
    range.low = Math.min(range.low, tempC);
    range.high = Math.max(range.high, tempC);
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
