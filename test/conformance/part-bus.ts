import type { I2cTransfers } from "../../src/hal/i2c-bus.js";
import type { ManualClock } from "../../src/lib/clock.js";
import { MinerError } from "../../src/lib/errors.js";
import type { I2cPart } from "../../src/virtual/i2c/i2c-part.js";

/** A virtual part on a bus of its own, on which a written and a read byte take their time. */
export function partBus(
  part: I2cPart,
  clock: ManualClock,
  writeMs: number,
  readMs: number,
): I2cTransfers {
  const nack = (): MinerError => new MinerError("I2C_NACK", {});
  const write = (bytes: Uint8Array): void => {
    if (!part.write(bytes, clock.nowMs())) throw nack();
  };
  const read = (length: number): Uint8Array => {
    const bytes = part.read(length, clock.nowMs());
    if (bytes === undefined) throw nack();
    return bytes;
  };
  return {
    write: async (_address, bytes) => {
      await clock.sleep(writeMs);
      write(bytes);
    },
    read: async (_address, length) => {
      await clock.sleep(readMs);
      return read(length);
    },
    readRegister: async (_address, register, length) => {
      await clock.sleep(readMs);
      write(Uint8Array.of(register));
      return read(length);
    },
  };
}
