import * as z from "zod/mini";
import type { StateFormat } from "../lib/state-text.js";
import { NO_VERSION } from "./version-order.js";

const Slot = z.nullable(
  z.object({
    version: z.string(),
    /** Of its manifest. */
    floor: z.string(),
  }),
);

/** An install that a restart goes on with. */
const Wish = z.object({ url: z.string(), mayBeOlder: z.boolean(), reboot: z.boolean() });

const Memory = z.object({
  /** No older version is taken; it only rises. */
  floor: z.string(),
  /** What each slot holds whole; null: nobody knows, or nothing. */
  slots: z.object({ a: Slot, b: Slot }),
  wish: z.nullable(Wish),
  /** A slot that was written and is not confirmed; `starts`: of this program in it. */
  trial: z.nullable(z.object({ slot: z.enum(["a", "b"]), starts: z.int() })),
  /** How the last update ended. */
  last: z.nullable(
    z.object({
      version: z.string(),
      outcome: z.enum(["confirmed", "rolledBack"]),
      by: z.string(),
      atUnixMs: z.number(),
    }),
  ),
});
export type Memory = z.infer<typeof Memory>;

export const NO_MEMORY: Memory = {
  ...{ floor: NO_VERSION, slots: { a: null, b: null } },
  ...{ wish: null, trial: null, last: null },
};

export const MEMORY_FORMAT: StateFormat<Memory> = {
  migrations: [null],
  parse: (plain) => Memory.parse(plain),
  plain: (memory) => memory,
};
