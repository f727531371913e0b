import { MinerError } from "../../lib/errors.js";

/** N of the S9's converter: N = 1608.420446 - 170.423497 x volts; a higher N is a lower voltage. Documented: Braiins. */
const AT_ZERO = 1608.420446;
const PER_VOLT = 170.423497;
const MAX_N = 255;

/**
 * The N whose voltage is nearest, as Braiins has it: at most 3 mV off. The stock firmware truncates, which gives up to 6 mV
 * more than what was asked for.
 * @throws PSU_VOLTAGE_OUT_OF_RANGE below 7.94 V and above 9.44 V
 */
export function s9VoltageN(railMv: number): number {
  const n = Math.round(AT_ZERO - (PER_VOLT * railMv) / 1000);
  if (n >= 0 && n <= MAX_N) return n;
  throw new MinerError("PSU_VOLTAGE_OUT_OF_RANGE", {
    railMv,
    minMv: s9VoltageMv(MAX_N),
    maxMv: s9VoltageMv(0),
  });
}

/** The voltage of an N, mV. */
export function s9VoltageMv(n: number): number {
  return Math.round(((AT_ZERO - n) / PER_VOLT) * 1000);
}
