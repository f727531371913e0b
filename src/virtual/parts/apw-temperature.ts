/**
 * Raw counts of the supply's own sensors at every fifteenth degree from 0. Documented: NTC_TABLE in the symbolised
 * S21 Pro factory tool, which has every degree.
 */
const COUNTS = [60, 122, 227, 383, 590, 828, 1071, 1295, 1472];
const STEP_C = 15;

/** Straight between the points, and held at both ends. */
export function rawTemperature(tempC: number): number {
  const place = Math.max(0, Math.min(COUNTS.length - 1, tempC / STEP_C));
  const low = Math.min(COUNTS.length - 2, Math.floor(place));
  const [from = 0, to = 0] = COUNTS.slice(low, low + 2);
  return from + (to - from) * (place - low);
}
