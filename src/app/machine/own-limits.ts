import * as z from "zod/mini";
import type { RailLimits } from "../../safety/rail-facts.js";

const Positive = z.number().check(z.positive());

/** What an owner may make stricter, and never looser. */
export const OwnLimits = z.strictObject({
  /** Power goes off at this temperature of a hashboard, C. */
  boardCutC: z.optional(Positive),
  /** The same of a chip's die, where it can be read, C. */
  chipCutC: z.optional(Positive),
  /** The same of the supply, where it tells, C. */
  supplyCutC: z.optional(Positive),
  /** The same of the control board, where it can be read, C. */
  controlBoardCutC: z.optional(Positive),
  /** Least speed of a fan at full duty, rpm. */
  minRpm: z.optional(Positive),
  /** Seconds that a temperature sensor may be silent; the sensors are read once a second. */
  sensorMaxAgeS: z.optional(z.number().check(z.minimum(2))),
  /** Power goes off above this, where the supply measures it, W. */
  maxPowerW: z.optional(Positive),
});

export type OwnLimits = z.infer<typeof OwnLimits>;

/** Those of which a smaller value is the stricter one. */
export const AT_MOST = [
  ...(["boardCutC", "chipCutC", "supplyCutC", "controlBoardCutC"] as const),
  ...(["sensorMaxAgeS", "maxPowerW"] as const),
] as const;
/** Those of which a larger one is. */
export const AT_LEAST = ["minRpm"] as const;

/** Both at once, each time the stricter one. */
export function stricter(limits: RailLimits, own: OwnLimits): RailLimits {
  const least = (limit: number | undefined, wish = Infinity): number | undefined =>
    limit === undefined && wish === Infinity ? undefined : Math.min(limit ?? Infinity, wish);
  return {
    ...limits,
    boardCutC: Math.min(limits.boardCutC, own.boardCutC ?? Infinity),
    chipCutC: least(limits.chipCutC, own.chipCutC),
    supplyCutC: Math.min(limits.supplyCutC, own.supplyCutC ?? Infinity),
    controlBoardCutC: Math.min(limits.controlBoardCutC, own.controlBoardCutC ?? Infinity),
    minRpm: Math.max(limits.minRpm, own.minRpm ?? 0),
    sensorMaxAgeS: Math.min(limits.sensorMaxAgeS, own.sensorMaxAgeS ?? Infinity),
    maxPowerW: least(limits.maxPowerW, own.maxPowerW),
  };
}

/** The first wish that is looser than the machine's own limit, with what is expected of it; undefined when none is. */
export function looserWish(
  limits: RailLimits,
  own: OwnLimits,
): { readonly name: keyof OwnLimits; readonly expected: string } | undefined {
  for (const name of AT_MOST) {
    const limit = name === "chipCutC" ? (limits.chipCutC ?? limits.boardCutC) : limits[name];
    if ((own[name] ?? -Infinity) > (limit ?? Infinity))
      return { name, expected: `at most ${limit}, the limit of the machine` };
  }
  for (const name of AT_LEAST)
    if ((own[name] ?? Infinity) < limits[name])
      return { name, expected: `at least ${limits[name]}, the limit of the machine` };
  return undefined;
}
