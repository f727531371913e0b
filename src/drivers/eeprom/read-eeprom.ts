import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { hexNumber } from "../../lib/bytes.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import { EEPROM_BYTES } from "./decode-eeprom.js";

/** A piece is read anew when it fails, not the whole memory. */
const PIECE_BYTES = 32;
const TRIES = 3;
/** Longer than an AT24C02 takes to keep a byte, which is the time that it does not answer. */
const REST_MS = 10;
/** Two of them must agree. */
const MAX_READINGS = 3;

/**
 * Reads the memory of a hashboard; never writes. What comes back was read twice alike, so that a disturbed line does not
 * make an identity.
 * @throws EEPROM_SILENT when it does not answer, EEPROM_UNKNOWN when each reading says something else; I2C_TIMEOUT,
 * I2C_BUS_STUCK
 */
export async function readEeprom(
  bus: Pick<I2cTransfers, "readRegister">,
  address: number,
  clock: Clock,
): Promise<Uint8Array> {
  const readings: Uint8Array[] = [];
  while (readings.length < MAX_READINGS) {
    const next = await readOnce(bus, address, clock);
    if (readings.some((earlier) => differsAt(earlier, next) < 0)) return next;
    readings.push(next);
  }
  const [first = new Uint8Array(), second = new Uint8Array()] = readings;
  throw new MinerError("EEPROM_UNKNOWN", {
    address: hexNumber(address),
    reason: `${MAX_READINGS} readings, no two alike`,
    differsAt: differsAt(first, second),
  });
}

/** The first place where two readings differ; -1 when they are alike. */
function differsAt(one: Uint8Array, other: Uint8Array): number {
  return one.findIndex((value, at) => value !== other[at]);
}

async function readOnce(
  bus: Pick<I2cTransfers, "readRegister">,
  address: number,
  clock: Clock,
): Promise<Uint8Array> {
  const image = new Uint8Array(EEPROM_BYTES);
  for (let at = 0; at < EEPROM_BYTES; at += PIECE_BYTES)
    image.set(await readPiece(bus, address, at, clock), at);
  return image;
}

async function readPiece(
  bus: Pick<I2cTransfers, "readRegister">,
  address: number,
  at: number,
  clock: Clock,
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++)
    try {
      return await bus.readRegister(address, at, PIECE_BYTES);
    } catch (cause) {
      // A stuck bus was freed and tried again by the bus itself; asking once more would only take time.
      if (!isMinerError(cause, "I2C_NACK")) throw cause;
      if (attempt === TRIES)
        throw new MinerError(
          "EEPROM_SILENT",
          { address: hexNumber(address), offset: at, tries: TRIES },
          { cause },
        );
      await clock.sleep(REST_MS);
    }
}
