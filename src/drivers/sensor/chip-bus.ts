import type { ChipName } from "../../boards/names.js";
import type { ChainPort } from "../../hal/chain-port.js";
import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { Turns } from "../../hal/turns.js";
import { hexNumber } from "../../lib/bytes.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";

/** What is needed of a chain. */
export type ChipRegisters = Pick<ChainPort, "readRegister" | "writeRegister">;

interface ChipFacts {
  /** Register that carries the words. */
  readonly i2c: number;
  readonly miscControl: number;
  /** Bits of it that turn two pins of the chip into the bus. */
  readonly pins: number;
}

/**
 * Chips whose I2C master is known. Documented: published sources of the S9 (BM1387) and the miner of the S17 (BM1397). No
 * source shows the words of BM1398 and later chips.
 */
const FACTS: Partial<Record<ChipName, ChipFacts>> = {
  BM1387: { i2c: 0x20, miscControl: 0x1c, pins: 0x4060 },
  BM1397: { i2c: 0x1c, miscControl: 0x18, pins: 0x4030 },
};

const GO = 0x01;
/** Either of the two top bits says that the master is not done. */
const BUSY_SHIFT = 30;
/** Documented: Braiins. The stock firmware is content with two tries, 1 ms apart. */
const BUSY_POLLS = 50;
const BUSY_POLL_MS = 1;
const TRIES = 3;
const REST_MS = 50;
/** A chip answers within milliseconds or never; its turn on the wire may come later. */
const ANSWER_MS = 100;

const FIRST_MEMORY = 0x50;
const LAST_MEMORY = 0x57;

export interface ChipBusesOptions {
  readonly chip: ChipName;
  readonly registers: ChipRegisters;
  /** Distance of two chips' addresses. */
  readonly addressStep: number;
  readonly clock: Clock;
}

/** The buses behind the chips of one chain; each chip has one. */
export class ChipBuses {
  readonly #options: ChipBusesOptions;
  readonly #buses = new Map<number, ChipBus>();

  constructor(options: ChipBusesOptions) {
    this.#options = options;
  }

  /** @throws FIELD_INVALID for chips whose I2C master no source shows */
  at(chipIndex: number): I2cTransfers {
    const { chip, registers, addressStep, clock } = this.#options;
    const facts = FACTS[chip];
    if (facts === undefined)
      throw new MinerError("FIELD_INVALID", { field: "sensors.at", chip, known: knownChips() });
    const bus =
      this.#buses.get(chipIndex) ??
      new ChipBus({ facts, registers, chipAddress: chipIndex * addressStep, clock });
    this.#buses.set(chipIndex, bus);
    return bus;
  }
}

function knownChips(): string {
  return Object.keys(FACTS).join(", ");
}

interface ChipBusOptions {
  readonly facts: ChipFacts;
  readonly registers: ChipRegisters;
  readonly chipAddress: number;
  readonly clock: Clock;
}

/** The bus on two pins of a chip. It knows single registers of one byte, and one transfer at a time. */
class ChipBus implements I2cTransfers {
  readonly #options: ChipBusOptions;
  readonly #turns = new Turns();
  #hasPins = false;

  constructor(options: ChipBusOptions) {
    this.#options = options;
  }

  /** One register and its byte. */
  async write(address: number, bytes: Uint8Array): Promise<void> {
    const [register, value] = bytes;
    if (address >= FIRST_MEMORY && address <= LAST_MEMORY)
      throw new MinerError("I2C_WRITE_REFUSED", { ...this.#facts, address: hexNumber(address) });
    if (register === undefined || value === undefined || bytes.length !== 2)
      throw this.#unknownTransfer(address);
    const word = chipI2cWord(address, register, value);
    await this.#turns.take(() => this.#exchange(word, address, register));
  }

  read(address: number): Promise<Uint8Array> {
    return Promise.reject(this.#unknownTransfer(address));
  }

  async readRegister(address: number, register: number, length: number): Promise<Uint8Array> {
    if (length !== 1) throw this.#unknownTransfer(address);
    const word = chipI2cWord(address, register);
    const answer = await this.#turns.take(() => this.#exchange(word, address, register));
    return Uint8Array.of(answer & 0xff);
  }

  get #facts(): { readonly chipAddress: number } {
    return { chipAddress: this.#options.chipAddress };
  }

  /** Only words for one byte at a register are known. */
  #unknownTransfer(address: number): MinerError {
    const reason = "one register of one byte";
    return new MinerError("FIELD_INVALID", { ...this.#facts, address: hexNumber(address), reason });
  }

  async #exchange(word: number, address: number, register: number): Promise<number> {
    let last: number | undefined;
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      if (attempt > 1) await this.#options.clock.sleep(REST_MS);
      try {
        await this.#enablePins();
        last = await this.#sendWhenIdle(word);
        if (last !== undefined && ((last >>> 8) & 0xff) === register) return last;
      } catch (error) {
        if (!isMinerError(error, "CHAIN_REGISTER_TIMEOUT")) throw error;
      }
      // The chip may have been reset meanwhile.
      this.#hasPins = false;
    }
    throw new MinerError("SENSOR_SILENT", {
      ...this.#facts,
      address: hexNumber(address),
      register: hexNumber(register),
      answer: last === undefined ? null : hexNumber(last, 8),
    });
  }

  /** What the master says when it is done; undefined when it stays busy. */
  async #sendWhenIdle(word: number): Promise<number | undefined> {
    const { registers, chipAddress, facts } = this.#options;
    if ((await this.#whenIdle()) === undefined) return undefined;
    await registers.writeRegister(chipAddress, facts.i2c, word);
    return await this.#whenIdle();
  }

  async #whenIdle(): Promise<number | undefined> {
    for (let poll = 0; poll < BUSY_POLLS; poll++) {
      const word = await this.#read(this.#options.facts.i2c);
      if (word >>> BUSY_SHIFT === 0) return word;
      await this.#options.clock.sleep(BUSY_POLL_MS);
    }
    return undefined;
  }

  /**
   * Sets the bits of the two pins and leaves all others: a blind write of this register switched other functions of the
   * chip off in old firmware. Documented: Braiins.
   */
  async #enablePins(): Promise<void> {
    if (this.#hasPins) return;
    const { registers, chipAddress, facts } = this.#options;
    const value = await this.#read(facts.miscControl);
    if ((value & facts.pins) !== facts.pins)
      await registers.writeRegister(chipAddress, facts.miscControl, (value | facts.pins) >>> 0);
    this.#hasPins = true;
  }

  async #read(register: number): Promise<number> {
    const { registers, chipAddress } = this.#options;
    const [answer] = await registers.readRegister(chipAddress, register, ANSWER_MS);
    if (answer === undefined)
      throw new MinerError("CHAIN_REGISTER_TIMEOUT", { target: chipAddress, register });
    return answer.value;
  }
}

/** `01`, 8-bit address (odd: write), register, data. Documented: published sources of the S9, miner of the S17. */
export function chipI2cWord(address: number, register: number, value?: number): number {
  const device = (address << 1) | (value === undefined ? 0 : 1);
  return ((GO << 24) | (device << 16) | (register << 8) | (value ?? 0)) >>> 0;
}
