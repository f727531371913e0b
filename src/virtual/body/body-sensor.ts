import type { I2cPart } from "../i2c/i2c-part.js";
import { Lm75 } from "../parts/lm75.js";
import { Tmp451 } from "../parts/tmp451.js";
import type { SeededRandom } from "../random.js";
import type { BodySensorSpec } from "./body-spec.js";

/** Ways in which a sensor misbehaves. */
export interface SensorTrouble {
  readonly isSilent: boolean;
  /** Goes on telling what it told when the trouble began. */
  readonly isStuck: boolean;
  readonly offsetC: number;
  /** Tells this and nothing else. */
  readonly tellsC: number | undefined;
  /** What it tells walks away from the truth by so much a second. */
  readonly driftCPerS: number;
  /** Added to each of its transfers. */
  readonly delayMs: number;
  /** Answers there in place of its own address. */
  readonly address: number | undefined;
}

export const GOOD_SENSOR: SensorTrouble = {
  isSilent: false,
  isStuck: false,
  offsetC: 0,
  tellsC: undefined,
  driftCPerS: 0,
  delayMs: 0,
  address: undefined,
};

/** Deviation of one conversion from the next: inferred. */
const NOISE_C = 0.06;
/** How slowly the part follows its place: inferred. */
const LAG_MS = 3000;

/** A sensor at its place: what is true there, and what it tells. */
export class BodySensor {
  readonly spec: BodySensorSpec;
  readonly part: I2cPart;
  readonly #random: SeededRandom;
  #trueC: number;
  #trouble = GOOD_SENSOR;
  #heldC: number | undefined;
  #driftedC = 0;

  constructor(spec: BodySensorSpec, startC: number, random: SeededRandom) {
    this.spec = spec;
    this.#trueC = startC;
    this.#random = random;
    const readC = (): number => this.#toldC();
    const part =
      spec.part === "tmp451" || spec.part === "nct218" || spec.part === "adt7461"
        ? new Tmp451(spec.part, readC, readC)
        : new Lm75(spec.part, readC);
    const delayMs = (): number => this.#trouble.delayMs;
    this.part = {
      get delayMs() {
        return delayMs();
      },
      write: (bytes) => !this.#trouble.isSilent && part.write(bytes),
      read: (length) => (this.#trouble.isSilent ? undefined : part.read(length)),
    };
  }

  /** Where it answers. */
  get address(): number {
    return this.#trouble.address ?? this.spec.address;
  }

  get trueC(): number {
    return this.#trueC;
  }

  setTrouble(trouble: SensorTrouble): void {
    if (!trouble.isStuck) this.#heldC = undefined;
    else this.#heldC ??= this.#toldC();
    if (trouble.driftCPerS === 0) this.#driftedC = 0;
    this.#trouble = trouble;
  }

  /** @param placeC temperature of what it sits on */
  step(ms: number, placeC: number): void {
    this.#trueC = placeC + (this.#trueC - placeC) * Math.exp(-ms / LAG_MS);
    this.#driftedC += (this.#trouble.driftCPerS * ms) / 1000;
  }

  #toldC(): number {
    const { tellsC, offsetC } = this.#trouble;
    const seenC = this.#trueC + offsetC + this.#driftedC + NOISE_C * this.#random.normal();
    return tellsC ?? this.#heldC ?? seenC;
  }
}
