import * as z from "zod/mini";
import { BRING_UP_NAMES } from "../names.js";
import { Celsius, Count, header, MilliVolts, Name, Positive, provenance } from "./common.js";

export const MachineFile = z.strictObject({
  ...header,
  hashboard: Name,
  hashboards: Count.check(z.maximum(8)),
  controlBoards: z.array(Name).check(z.minLength(1)),
  /** Left out while this program has no driver for the chip: the machine is listed and refuses to run. */
  bringUp: z.optional(z.enum(BRING_UP_NAMES)),
  /** Files of power-supplies/ that such a machine comes with; the fitted one is asked for its type. */
  supplies: z.optional(
    z.strictObject({ names: z.array(Name).check(z.minLength(1)), ...provenance }),
  ),
  /** Clock of the chips: `nominal` is the one to run at. */
  freqMHz: z.optional(
    z.strictObject({ min: Positive, nominal: Positive, max: Positive, ...provenance }),
  ),
  /**
   * Input voltage of the hashboards, millivolts: running at the nominal clock, where known while the cores are opened,
   * and what it may never leave.
   */
  railMv: z.optional(
    z.strictObject({
      running: MilliVolts,
      open: z.optional(MilliVolts),
      min: z.optional(MilliVolts),
      max: z.optional(MilliVolts),
      ...provenance,
    }),
  ),
  rated: z.strictObject({ hashrateThs: Positive, powerW: z.optional(Positive), ...provenance }),
  /** Fans that must turn, and the speed at full duty below which one counts as broken; 0 fans: liquid cooled. */
  fans: z.optional(
    z.strictObject({
      count: z.int().check(z.minimum(0), z.maximum(8)),
      minRpm: z.optional(Positive),
      maxRpm: z.optional(Positive),
      ...provenance,
    }),
  ),
  /** What fans are to hold: the hottest board, the hottest die where one can be read, and the least duty. */
  cooling: z.optional(
    z.strictObject({
      targetC: Celsius,
      chipTargetC: z.optional(Celsius),
      minDutyPct: z.optional(z.int().check(z.minimum(0), z.maximum(100))),
      ...provenance,
    }),
  ),
  /** All chains leave reset together, or the shared rail misbehaves. */
  resetTogether: z.optional(z.strictObject(provenance)),
  limits: z.strictObject({
    /** Board temperature: `warn` fans full, `throttle` less clock, `cut` power off. */
    boardC: z.strictObject({ warn: Celsius, throttle: Celsius, cut: Celsius, ...provenance }),
    /** Temperature of a chip's die, where one can be read. */
    chipC: z.optional(
      z.strictObject({ warn: Celsius, throttle: Celsius, cut: Celsius, ...provenance }),
    ),
  }),
});

export type MachineFile = z.infer<typeof MachineFile>;
