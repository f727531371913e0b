import { hexNumber } from "../lib/bytes.js";
import type { Clock } from "../lib/clock.js";
import { isMinerError, MinerError } from "../lib/errors.js";
import type { I2cAdapter } from "./i2c-adapter.js";
import { withDeadline } from "./with-deadline.js";

/**
 * A transfer may take 500 ms and 200 ms for each byte. Captured: the slowest part, the supply of an S19 Pro, takes
 * 86 ms a written and 117 ms a read byte. A kernel driver gives up by itself after a second (documented: default of
 * struct i2c_adapter), which a register read of two bytes leaves it the time for.
 */
const TRANSFER_BASE_MS = 500;
const TRANSFER_BYTE_MS = 200;
/** Nine clocks take well under a millisecond; the kernel may still be giving up a transfer, which takes it a second. */
const RECOVERY_MS = 2000;

/**
 * Transfers with deadlines on one adapter. After one that did not end or found the bus held low, the bus is freed once and
 * the transfer tried once more; the second failure goes to the caller. An answer that is missing (NACK) is not tried again:
 * who asks knows whether that is a fault.
 */
export class I2cTransfersWithRecovery {
  readonly #bus: string;
  readonly #adapter: I2cAdapter;
  readonly #clock: Clock;

  constructor(bus: string, adapter: I2cAdapter, clock: Clock) {
    this.#bus = bus;
    this.#adapter = adapter;
    this.#clock = clock;
  }

  /** Never two at once. @throws as I2cAdapter.transfer does */
  async run(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    try {
      return await this.#attempt(address, write, readLength);
    } catch (error) {
      if (!isMinerError(error, "I2C_TIMEOUT", "I2C_BUS_STUCK")) throw error;
      await this.#recover();
      return await this.#attempt(address, write, readLength);
    }
  }

  async #attempt(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    const limitMs = TRANSFER_BASE_MS + TRANSFER_BYTE_MS * (write.length + readLength);
    const facts = { bus: this.#bus, address: hexNumber(address) };
    const bytes = await withDeadline(
      this.#adapter.transfer(address, write, readLength),
      this.#clock,
      limitMs,
      () => new MinerError("I2C_TIMEOUT", { ...facts, limitMs }),
    );
    if (bytes.length !== readLength)
      throw new MinerError("I2C_NACK", { ...facts, wanted: readLength, got: bytes.length });
    return bytes;
  }

  #recover(): Promise<void> {
    const late = (): MinerError =>
      new MinerError("I2C_BUS_STUCK", { bus: this.#bus, limitMs: RECOVERY_MS });
    return withDeadline(this.#adapter.recover(), this.#clock, RECOVERY_MS, late);
  }
}
