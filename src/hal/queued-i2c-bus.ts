import { hexNumber } from "../lib/bytes.js";
import { systemClock, type Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import type { I2cAdapter } from "./i2c-adapter.js";
import type { I2cBus, I2cTransfers } from "./i2c-bus.js";
import { I2cTransfersWithRecovery } from "./i2c-transfers.js";
import { Turns } from "./turns.js";

/** Seven bits without those that the I2C specification reserves, among them the call to all parts. */
const FIRST_ADDRESS = 0x08;
const LAST_ADDRESS = 0x77;
/** Where identity memories sit. A scan that wrote to them destroyed those of three hashboards. */
const FIRST_MEMORY = 0x50;
const LAST_MEMORY = 0x57;
/** Controllers of an S9's hashboards. Documented: fact sheet power, section 2.2. */
const BARE_CONTROLLERS: readonly number[] = [0x55, 0x56, 0x57];
/** What the kernel reads at once after the number of a register. Documented: I2C_SMBUS_BLOCK_MAX. */
const MAX_REGISTER_BLOCK = 32;
/** Captured: the factory test of an S19 Pro takes up to 5.5 ms a byte. */
const MEMORY_WRITE_MS = 10;

export interface QueuedI2cBusOptions {
  readonly name: string;
  readonly adapter: I2cAdapter;
  readonly clock?: Clock;
  /** Addresses of an S9's controllers, which sit where other machines have their memories; written like any part. */
  readonly bareControllers?: readonly number[];
}

/** The only way to write to an identity memory. */
export interface EepromWriter {
  /**
   * Writes one byte and waits until the memory has kept it. It does not read it back.
   * @throws FIELD_INVALID for an address that is no memory's, and as I2cTransfers.write does
   */
  writeByte(address: number, offset: number, value: number): Promise<void>;
}

export interface OpenedI2cBus {
  readonly bus: I2cBus;
  /** For the procedure that writes memories, and dropped by everybody else: the bus itself cannot give it. */
  readonly eepromWriter: EepromWriter;
}

/**
 * The bus over an adapter: one transfer at a time, deadlines, recovery, and no writes to identity memories.
 * @throws FIELD_INVALID for `bareControllers` that no S9 has
 */
export function openQueuedI2cBus(options: QueuedI2cBusOptions): OpenedI2cBus {
  const { name, adapter, clock = systemClock, bareControllers = [] } = options;
  for (const address of bareControllers)
    if (!BARE_CONTROLLERS.includes(address))
      throw new MinerError("FIELD_INVALID", { bus: name, bareController: hexNumber(address) });
  const transfers = new I2cTransfersWithRecovery(name, adapter, clock);
  const turns = new Turns();
  const bus = new QueuedI2cBus({ name, adapter, transfers, turns, bareControllers });
  const eepromWriter: EepromWriter = {
    writeByte: (address, offset, value) => {
      if (!isMemory(address))
        return Promise.reject(
          new MinerError("FIELD_INVALID", { bus: name, memory: hexNumber(address) }),
        );
      return turns.take(async () => {
        bus.assertOpen();
        await transfers.run(address, Uint8Array.of(offset, value), 0);
        await clock.sleep(MEMORY_WRITE_MS);
      });
    },
  };
  return { bus, eepromWriter };
}

interface Parts {
  readonly name: string;
  readonly adapter: I2cAdapter;
  readonly transfers: I2cTransfersWithRecovery;
  readonly turns: Turns;
  readonly bareControllers: readonly number[];
}

class QueuedI2cBus implements I2cBus {
  readonly name: string;
  readonly #parts: Parts;
  readonly #guarded: GuardedTransfers;
  #isOpen = true;

  constructor(parts: Parts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#guarded = this.#guard(parts.turns);
  }

  write(address: number, bytes: Uint8Array): Promise<void> {
    return this.#guarded.write(address, bytes);
  }

  read(address: number, length: number): Promise<Uint8Array> {
    return this.#guarded.read(address, length);
  }

  readRegister(address: number, register: number, length: number): Promise<Uint8Array> {
    return this.#guarded.readRegister(address, register, length);
  }

  exclusively<Result>(action: (bus: I2cTransfers) => Promise<Result>): Promise<Result> {
    return this.#parts.turns.take(async () => {
      const turns = new Turns();
      const own = this.#guard(turns);
      try {
        return await action(own);
      } finally {
        own.end();
        await turns.idle();
      }
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#parts.turns.idle();
    await this.#parts.adapter.close();
  }

  assertOpen(): void {
    if (!this.#isOpen)
      throw new MinerError("I2C_UNAVAILABLE", { bus: this.name, reason: "closed" });
  }

  #guard(turns: Turns): GuardedTransfers {
    return new GuardedTransfers({ ...this.#parts, turns }, () => {
      this.assertOpen();
    });
  }
}

/** Transfers that take turns and leave identity memories alone. */
class GuardedTransfers implements I2cTransfers {
  readonly #parts: Parts;
  readonly #assertOpen: () => void;
  #hasEnded = false;

  constructor(parts: Parts, assertOpen: () => void) {
    this.#parts = parts;
    this.#assertOpen = assertOpen;
  }

  /** The time of `exclusively` is over: others have the bus. */
  end(): void {
    this.#hasEnded = true;
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    const { name, bareControllers } = this.#parts;
    if (isMemory(address) && !bareControllers.includes(address))
      throw new MinerError("I2C_WRITE_REFUSED", { bus: name, address: hexNumber(address) });
    await this.#take(address, bytes.length, (run) => run(bytes, 0));
  }

  read(address: number, length: number): Promise<Uint8Array> {
    return this.#take(address, length, (run) => run(new Uint8Array(), length));
  }

  readRegister(address: number, register: number, length: number): Promise<Uint8Array> {
    return this.#take(address, length, async (run) => {
      const bytes = new Uint8Array(length);
      // Longer reads are made of several: memories and register files count on by themselves.
      for (let at = 0; at < length; at += MAX_REGISTER_BLOCK) {
        const from = Uint8Array.of((register + at) & 0xff);
        bytes.set(await run(from, Math.min(MAX_REGISTER_BLOCK, length - at)), at);
      }
      return bytes;
    });
  }

  async #take<Result>(
    address: number,
    length: number,
    action: (run: (write: Uint8Array, length: number) => Promise<Uint8Array>) => Promise<Result>,
  ): Promise<Result> {
    const { name, turns, transfers } = this.#parts;
    if (!Number.isInteger(address) || address < FIRST_ADDRESS || address > LAST_ADDRESS)
      throw new MinerError("FIELD_INVALID", { bus: name, address });
    // Without a byte it is no transfer but a question whether somebody is there, which some parts take for a write.
    if (!Number.isInteger(length) || length < 1)
      throw new MinerError("FIELD_INVALID", { bus: name, length });
    if (this.#hasEnded)
      throw new MinerError("INTERNAL", { bus: name, misuse: "transfer after exclusively ended" });
    return turns.take(() => {
      this.#assertOpen();
      return action((write, length) => transfers.run(address, write, length));
    });
  }
}

function isMemory(address: number): boolean {
  return address >= FIRST_MEMORY && address <= LAST_MEMORY;
}
