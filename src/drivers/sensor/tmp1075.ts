import type { I2cTransfers } from "../../hal/i2c-bus.js";
import type { TemperatureSensor } from "../temperature-sensor.js";
import { checkedSensor, type SensorOptions } from "./checked-sensor.js";
import { lm75Sample } from "./lm75.js";
import { PartRegisters } from "./part-registers.js";

/** Documented: Mujina, TMP1075 driver. */
const IDENTITY = 0x0f;
const TMP1075 = 0x7500;

/** A TMP75 that can say what it is; asked once, before its first temperature counts. */
export function tmp1075(
  bus: I2cTransfers,
  address: number,
  options: SensorOptions,
): TemperatureSensor {
  const registers = new PartRegisters(bus, address);
  let isKnown = false;
  return checkedSensor(options, async () => {
    if (!isKnown) {
      const identity = await registers.readWord(IDENTITY);
      if (identity !== TMP1075) throw registers.wrongPart(options.part, options.place, identity);
      isKnown = true;
    }
    return await lm75Sample(registers);
  });
}
