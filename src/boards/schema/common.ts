import * as z from "zod/mini";
import { EVIDENCE } from "../../lib/evidence.js";

/** File names and references: lower case, digits and dashes. */
export const Name = z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/));
export const Positive = z.number().check(z.positive());
export const Count = z.int().check(z.minimum(1));
export const Celsius = z.number().check(z.minimum(-40), z.maximum(150));
export const MilliVolts = z.int().check(z.minimum(1), z.maximum(30_000));
/** Seven bits, without the reserved ones. */
export const I2cAddress = z.int().check(z.minimum(0x08), z.maximum(0x77));
export const Text = z.string().check(z.minLength(1));

/** Every block of facts says how it is known and from where. */
export const provenance = { evidence: z.enum(EVIDENCE), source: Text };

export const header = { schema: z.literal(1), title: Text };
