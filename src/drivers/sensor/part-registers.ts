import type { SensorPart } from "../../boards/names.js";
import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { hexNumber } from "../../lib/bytes.js";
import { MinerError } from "../../lib/errors.js";

/** The registers of one part, a byte each. */
export class PartRegisters {
  readonly #bus: I2cTransfers;
  readonly #address: number;

  constructor(bus: I2cTransfers, address: number) {
    this.#bus = bus;
    this.#address = address;
  }

  async readByte(register: number): Promise<number> {
    const [value = 0] = await this.#bus.readRegister(this.#address, register, 1);
    return value;
  }

  /** Two bytes of one register, high byte first. */
  async readWord(register: number): Promise<number> {
    const [high = 0, low = 0] = await this.#bus.readRegister(this.#address, register, 2);
    return (high << 8) | low;
  }

  async writeByte(register: number, value: number): Promise<void> {
    await this.#bus.write(this.#address, Uint8Array.of(register, value));
  }

  /**
   * Whole degrees and the fraction that belongs to them. When the degree changes between the two reads the fraction is
   * left out: it may belong to the other degree.
   */
  async readSplit(high: number, low: number): Promise<{ high: number; low: number }> {
    const before = await this.readByte(high);
    const fraction = await this.readByte(low);
    const after = await this.readByte(high);
    return { high: after, low: before === after ? fraction : 0 };
  }

  /** Another part than expected answers: its registers mean something else. */
  wrongPart(part: SensorPart, place: string, identity: number): MinerError {
    return new MinerError("SENSOR_IMPLAUSIBLE", {
      ...{ part, place, reason: "otherPart" },
      address: hexNumber(this.#address),
      identity: hexNumber(identity),
    });
  }
}
