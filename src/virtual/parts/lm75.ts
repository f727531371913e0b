import { padded, type I2cPart } from "../i2c/i2c-part.js";

const REGISTER = { temperature: 0x00, config: 0x01, hysteresis: 0x02, limit: 0x03, deviceId: 0x0f };
const CELSIUS_PER_COUNT = 0.0625;

/** Parts that answer like an LM75A, by how many of the twelve bits they fill. */
export const LM75_CLASS = {
  // Documented: NXP LM75A data sheet, 11 bits.
  lm75: { bits: 11, deviceId: undefined },
  tmp75: { bits: 12, deviceId: undefined },
  // Documented: 256foundation/mujina, tmp1075 driver.
  tmp1075: { bits: 12, deviceId: 0x7500 },
} as const;
export type Lm75Name = keyof typeof LM75_CLASS;

/** LM75A, TMP75 and TMP1075: a pointer register and words, high byte first. */
export class Lm75 implements I2cPart {
  readonly #part: Lm75Name;
  readonly #readC: () => number;
  // Reset values are documented: LM75A data sheet, 75 C hysteresis and 80 C limit.
  readonly #words = new Map<number, number>([
    [REGISTER.config, 0x0000],
    [REGISTER.hysteresis, 0x4b00],
    [REGISTER.limit, 0x5000],
  ]);
  #pointer = REGISTER.temperature;

  constructor(part: Lm75Name, readC: () => number) {
    this.#part = part;
    this.#readC = readC;
  }

  write(bytes: Uint8Array): boolean {
    const [register, first, second] = bytes;
    if (register === undefined) return true;
    this.#pointer = register;
    if (first !== undefined && register !== REGISTER.temperature && register !== REGISTER.deviceId)
      this.#words.set(
        register,
        register === REGISTER.config ? first << 8 : (first << 8) | (second ?? 0),
      );
    return true;
  }

  read(length: number): Uint8Array {
    const word = this.#wordAt(this.#pointer);
    return padded([word >> 8, word & 0xff], length);
  }

  #wordAt(register: number): number {
    const { deviceId, bits } = LM75_CLASS[this.#part];
    if (register === REGISTER.temperature) return temperatureWord(this.#readC(), bits);
    if (register === REGISTER.deviceId) return deviceId ?? 0xffff;
    return this.#words.get(register) ?? 0xffff;
  }
}

/** Two's complement in the upper `bits` bits. Documented: fact sheet section 3.1. */
function temperatureWord(tempC: number, bits: number): number {
  const step = 2 ** (12 - bits);
  const counts = Math.round(tempC / CELSIUS_PER_COUNT / step) * step;
  return (Math.max(-2048, Math.min(2047, counts)) << 4) & 0xffff;
}
