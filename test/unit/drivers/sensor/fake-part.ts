import type { I2cTransfers } from "../../../../src/hal/i2c-bus.js";
import { MinerError } from "../../../../src/lib/errors.js";

export const PART_ADDRESS = 0x4c;

/** A part on a bus: registers by number, of one byte or two. Those that it does not have read as FF. */
export class FakePart implements I2cTransfers {
  readonly registers: Map<number, number>;
  /** Registers that were read, in order. */
  readonly reads: number[] = [];
  isSilent = false;
  /** Called before each read. */
  beforeRead: (register: number) => void = () => undefined;
  readonly #address: number;

  constructor(registers: Readonly<Record<number, number>>, address = PART_ADDRESS) {
    this.registers = new Map(
      Object.entries(registers).map(([register, value]) => [Number(register), value]),
    );
    this.#address = address;
  }

  write(address: number, [register, value]: Uint8Array): Promise<void> {
    return this.#answer(address, () => {
      if (register === undefined || value === undefined) throw new Error("not a register write");
      this.registers.set(register, value);
    });
  }

  read(): Promise<Uint8Array> {
    return Promise.reject(new Error("read without a register"));
  }

  readRegister(address: number, register: number, length: number): Promise<Uint8Array> {
    return this.#answer(address, () => {
      this.beforeRead(register);
      this.reads.push(register);
      const value = this.registers.get(register);
      const bytes =
        length === 2 ? [(value ?? 0xffff) >> 8, (value ?? 0xff) & 0xff] : [value ?? 0xff];
      return Uint8Array.from(bytes);
    });
  }

  #answer<Result>(address: number, action: () => Result): Promise<Result> {
    return new Promise((resolve) => {
      if (this.isSilent || address !== this.#address)
        throw new MinerError("I2C_NACK", { bus: "boards", address });
      resolve(action());
    });
  }
}
