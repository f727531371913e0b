import type { SensorPart } from "../boards/names.js";

/** A temperature at one place. */
export interface TemperatureSensor {
  readonly part: SensorPart;
  readonly place: string;
  /**
   * One conversion, in degrees Celsius, after the part's offset.
   * @throws SENSOR_IMPLAUSIBLE for readings that no working part gives; I2C_..., CONTROLLER_...
   */
  readTempC(): Promise<number>;
}
