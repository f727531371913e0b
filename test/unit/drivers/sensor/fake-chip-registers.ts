import type { RegisterAnswer } from "../../../../src/hal/chain-port.js";
import { MinerError } from "../../../../src/lib/errors.js";
import type { ChipRegisters } from "../../../../src/drivers/sensor/chip-bus.js";

const BUSY = 0x8000_0000;

export interface FakeChipOptions {
  readonly i2c: number;
  readonly miscControl: number;
  /** Bits of the misc control register without which the sensor does not hear. */
  readonly pins: number;
  /** Registers of the sensor. */
  readonly sensor: Readonly<Record<number, number>>;
}

/** One chip of a chain with a sensor behind it. */
export class FakeChipRegisters implements ChipRegisters {
  misc: number;
  /** Reads of the word for which the master stays busy after each write. */
  busyReads = 2;
  /** Register reads that the chip does not answer. */
  silentReads = 0;
  /** The master gives the answer for another register, so many times. */
  wrongAnswers = 0;
  readonly miscWrites: number[] = [];
  /** Words that were written, hex. */
  readonly words: string[] = [];
  readonly addresses = new Set<number>();
  #word = 0;
  #busyReads = 0;
  readonly #options: FakeChipOptions;
  readonly #sensor: Map<number, number>;

  constructor(options: FakeChipOptions, misc: number) {
    this.misc = misc;
    this.#options = options;
    this.#sensor = new Map(
      Object.entries(options.sensor).map(([register, value]) => [Number(register), value]),
    );
  }

  writeRegister(target: number | "all", register: number, value: number): Promise<void> {
    if (target !== "all") this.addresses.add(target);
    if (register === this.#options.miscControl) {
      this.miscWrites.push(value);
      this.misc = value;
    } else if (register === this.#options.i2c) this.#start(value);
    else throw new Error(`no register ${register}`);
    return Promise.resolve();
  }

  readRegister(target: number | "all", register: number): Promise<RegisterAnswer[]> {
    if (this.silentReads > 0) {
      this.silentReads--;
      return Promise.reject(new MinerError("CHAIN_REGISTER_TIMEOUT", { register }));
    }
    const value = register === this.#options.i2c ? this.#poll() : this.misc;
    const chipAddress = target === "all" ? 0 : target;
    return Promise.resolve([{ chipAddress, register, value, atUs: 0 }]);
  }

  #start(word: number): void {
    this.words.push(word.toString(16).padStart(8, "0"));
    const register = (word >> 8) & 0xff;
    const isWrite = ((word >> 16) & 1) === 1;
    if (isWrite) this.#sensor.set(register, word & 0xff);
    const hasPins = (this.misc & this.#options.pins) === this.#options.pins;
    const value = hasPins ? (this.#sensor.get(register) ?? 0) : 0xff;
    this.#word = ((word & 0x00ff_ff00) | value) >>> 0;
    if (!hasPins || this.wrongAnswers > 0) this.#word = (this.#word ^ 0x5500) >>> 0;
    this.wrongAnswers--;
    this.#busyReads = this.busyReads;
  }

  #poll(): number {
    if (this.#busyReads === 0) return this.#word;
    this.#busyReads--;
    return BUSY;
  }
}
