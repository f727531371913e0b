import * as z from "zod/mini";

/** A whole number as paths and queries write it. */
export const Whole = z.pipe(
  z.string().check(z.regex(/^\d{1,15}$/, "expected a whole number")),
  z.transform(Number),
);

export const YesNo = z.pipe(
  z.enum(["true", "false"]),
  z.transform((text) => text === "true"),
);

/** Null: nobody knows. */
export const OrNull = z.nullable(z.number());

/** An error of the table, as snapshots have it. */
const Trouble = z.object({ code: z.string(), context: z.record(z.string(), z.unknown()) });
export const TroubleOrNull = z.nullable(Trouble);
export const Troubles = z.array(Trouble);

const Rate = z.object({ ths: z.number(), uncertaintyThs: z.number(), seconds: z.number() });
export const Rates = z.object({ "5s": Rate, "1m": Rate, "15m": Rate, "24h": Rate });

/** A value with its age, and whether it was measured, estimated or is not known. */
export const Reading = z.object({ value: z.unknown(), ageS: OrNull, evidence: z.string() });
