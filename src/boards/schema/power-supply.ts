import * as z from "zod/mini";
import { Count, header, I2cAddress, MilliVolts, Positive, provenance } from "./common.js";

const Byte = z.int().check(z.minimum(0), z.maximum(255));

/** What one type code, as the supply itself tells it, means. */
export const SupplyType = z.strictObject({
  code: Byte,
  /** Only firmware versions whose low byte lies in this range, ends included. */
  firmwareLow: z.optional(z.strictObject({ from: Byte, to: Byte })),
  /** Setpoint code N = a - b x volts, truncated; a higher N is a lower voltage. */
  dac: z.optional(z.strictObject({ a: Positive, b: Positive })),
  /** Measured output, volts a count; left out where the type cannot be measured. */
  measureVoltsPerCount: z.optional(Positive),
  /** Where the calibration block of frame version 1 starts; left out where none is known. */
  calibrationOffset: z.optional(Byte),
  /** Extra commands that the type answers. */
  reads: z.optional(z.array(z.enum(["power", "temperatures", "inputStatus", "clearStatus"]))),
  ...provenance,
});

export const PowerSupplyFile = z.strictObject({
  ...header,
  /**
   * `apwV1`, `apwV2`: frames; `simple`: one DAC byte; `fixed`: no data line; `pmbus`: a regulator on the hashboard.
   */
  protocol: z.enum(["apwV1", "apwV2", "simple", "fixed", "pmbus"]),
  address: z.optional(I2cAddress),
  /** What may be asked of the output; left out where no source tells, and then nothing may be asked. */
  rangeMv: z.optional(z.strictObject({ min: MilliVolts, max: MilliVolts, ...provenance })),
  ratedW: z.optional(Positive),
  types: z.optional(z.array(SupplyType).check(z.minLength(1))),
  /** Times that the supply needs, from the enable line to a good output, and of its bus. */
  timing: z.optional(
    z.strictObject({
      readyMs: z.optional(Count),
      replyWaitMs: z.optional(Count),
      afterMs: z.optional(Count),
      tries: z.optional(Count),
      /** Without a reading that says discharged, wait this long before the output is switched on again. */
      dischargeMs: z.optional(Count),
      ...provenance,
    }),
  ),
});

export type SupplyType = z.infer<typeof SupplyType>;
export type PowerSupplyFile = z.infer<typeof PowerSupplyFile>;
