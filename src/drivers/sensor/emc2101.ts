import type { I2cTransfers } from "../../hal/i2c-bus.js";
import type { TemperatureSensor } from "../temperature-sensor.js";
import { checkedSensor, type Sample, type SensorOptions } from "./checked-sensor.js";
import { PartRegisters } from "./part-registers.js";

/** Documented: ESP-Miner and Mujina, EMC2101 drivers. */
const REGISTER = { local: 0x00, externalHigh: 0x01, externalLow: 0x10 } as const;
/** Of its maker, at `manufacturer`. */
export const EMC2101_IDENTITY = { manufacturer: 0xfe, value: 0x5d } as const;
/** Eleven bits of the external diode that are no temperature. */
const DIODE_OPEN = 0x3f8;
const DIODE_SHORT = 0x3ff;

export interface Emc2101Options extends SensorOptions {
  /** The diode of the chip, not the part's own die. */
  readonly remoteDiode?: boolean | undefined;
}

/** The temperature half of an EMC2101; the fan half is src/drivers/fan/emc2101-fan.ts. */
export function emc2101(
  bus: I2cTransfers,
  address: number,
  options: Emc2101Options,
): TemperatureSensor {
  const registers = new PartRegisters(bus, address);
  const { part, place, remoteDiode = false } = options;
  let isKnown = false;
  return checkedSensor(options, async () => {
    if (!isKnown) {
      const identity = await registers.readByte(EMC2101_IDENTITY.manufacturer);
      if (identity !== EMC2101_IDENTITY.value) throw registers.wrongPart(part, place, identity);
      isKnown = true;
    }
    return await (remoteDiode ? externalSample(registers) : localSample(registers));
  });
}

async function localSample(registers: PartRegisters): Promise<Sample> {
  const raw = await registers.readByte(REGISTER.local);
  return { tempC: (raw << 24) >> 24, raw: Uint8Array.of(raw) };
}

async function externalSample(registers: PartRegisters): Promise<Sample> {
  const { high, low } = await registers.readSplit(REGISTER.externalHigh, REGISTER.externalLow);
  const bits = (high << 3) | (low >> 5);
  const fault = bits === DIODE_OPEN ? "diodeOpen" : bits === DIODE_SHORT ? "diodeShort" : undefined;
  return { tempC: tempCFromEmc2101(high, low), raw: Uint8Array.of(high, low), fault };
}

/** External diode: eleven bits, signed, left-aligned, in steps of 0.125. Documented: ESP-Miner. */
export function tempCFromEmc2101(high: number, low: number): number {
  return ((((high << 8) | low) << 16) >> 21) * 0.125;
}
