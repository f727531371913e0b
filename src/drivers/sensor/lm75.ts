import type { I2cTransfers } from "../../hal/i2c-bus.js";
import type { TemperatureSensor } from "../temperature-sensor.js";
import { checkedSensor, type Sample, type SensorOptions } from "./checked-sensor.js";
import { PartRegisters } from "./part-registers.js";

/** Documented: data sheets of LM75A, TMP75 and their many copies. */
const TEMPERATURE = 0x00;

/**
 * LM75A, TMP75, CT75, DS75S, GX21M, NST175 and others that answer alike. They cannot be told apart: none has an identity
 * register.
 */
export function lm75(
  bus: I2cTransfers,
  address: number,
  options: SensorOptions,
): TemperatureSensor {
  const registers = new PartRegisters(bus, address);
  return checkedSensor(options, () => lm75Sample(registers));
}

export async function lm75Sample(registers: PartRegisters): Promise<Sample> {
  const raw = await registers.readWord(TEMPERATURE);
  return { tempC: tempCFromLm75(raw), raw: Uint8Array.of(raw >> 8, raw & 0xff) };
}

/**
 * Temperature register to Celsius: the upper 12 bits, signed, in steps of 0.0625. Documented: TI TMP1075 data sheet. An
 * LM75A has 9 or 11 bits; what it gives in the others is less than half a degree.
 */
export function tempCFromLm75(raw: number): number {
  return ((raw << 16) >> 20) * 0.0625;
}
