import type { SensorPart } from "../../boards/names.js";
import { toHex } from "../../lib/bytes.js";
import { MinerError } from "../../lib/errors.js";
import type { TemperatureSensor } from "../temperature-sensor.js";

/** What is a temperature at all; outside is a fault. */
export interface PlausibleRange {
  readonly minC: number;
  readonly maxC: number;
}

/**
 * Documented: fact sheet, section 3.1, from Mujina. The lower bound is for machines indoors: those rated for frost (S21
 * Pro: down to -20 C) start colder than that and need a lower one. It is a parameter and not simply lower, because a
 * sensor that reads too cold is the dangerous one: nothing cuts power when the board burns.
 */
const INDOOR_RANGE: PlausibleRange = { minC: 0, maxC: 120 };

export interface SensorOptions {
  readonly part: SensorPart;
  readonly place: string;
  /** Added to what the part says, after it was found plausible. */
  readonly offsetC?: number | undefined;
  readonly range?: PlausibleRange | undefined;
}

/** One conversion as it came from the part. */
export interface Sample {
  readonly tempC: number;
  /** The bytes that it was made of. */
  readonly raw: Uint8Array;
  /** What the part itself says is wrong. */
  readonly fault?: "diodeOpen" | "diodeShort" | undefined;
}

/**
 * A sensor whose samples are looked at before they count. One try a reading: who watches temperatures reads again soon,
 * and counts how often it failed.
 */
export function checkedSensor(
  options: SensorOptions,
  readSample: () => Promise<Sample>,
): TemperatureSensor {
  const { part, place, offsetC = 0, range = INDOOR_RANGE } = options;
  return {
    part,
    place,
    readTempC: async () => {
      const sample = await readSample();
      const reason = faultIn(sample, range);
      if (reason === undefined) return sample.tempC + offsetC;
      const { tempC, raw } = sample;
      throw new MinerError("SENSOR_IMPLAUSIBLE", {
        ...{ part, place, reason, tempC },
        rawHex: toHex(raw),
      });
    },
  };
}

/**
 * Why a sample is no temperature. Exactly 0 is what a dead or unpowered part gives, all ones what a bus gives that nobody
 * drives; 7F is the end of the scale, above every range, except where a part counts from -64: there it is 63 C.
 */
function faultIn({ tempC, raw, fault }: Sample, range: PlausibleRange): string | undefined {
  if (fault !== undefined) return fault;
  if (raw.every((value) => value === 0xff)) return "allOnes";
  if (tempC === 0) return "zero";
  if (tempC < range.minC) return "below";
  return tempC > range.maxC ? "above" : undefined;
}
