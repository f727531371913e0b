import * as z from "zod/mini";

/** Documented: MiningOS asks stock machines there. */
const DEBUG_PORT = 6060;

/** The field `http.stockPages` of the configuration file; without it there are none. */
export const StockPages = z.strictObject({
  /** False is as if the field were not there. */
  isOn: z._default(z.boolean(), true),
  /** Of the two paths that tools ask beside the pages; null switches them off, 0 is any that is free. */
  debugPort: z._default(z.nullable(z.int().check(z.minimum(0), z.maximum(65_535))), DEBUG_PORT),
});
