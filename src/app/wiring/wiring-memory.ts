import * as z from "zod/mini";
import type { StateFormat } from "../../lib/state-text.js";
import type { SlotWire } from "./judge-answers.js";

/** A wire as it was found, and what was fitted then. */
export interface StoredWire extends SlotWire {
  /** Of the hashboard; null where its memory does not tell. */
  readonly serial: string | null;
  /** Its chain was silent there later. */
  readonly isDoubted: boolean;
}

/** The order that was found on a machine. */
export interface StoredWiring {
  readonly machine: string;
  readonly controlBoard: string;
  readonly foundUnixMs: number;
  readonly wires: readonly StoredWire[];
}

const Stored = z.object({
  machine: z.string(),
  controlBoard: z.string(),
  foundUnixMs: z.number(),
  wires: z.array(
    z.object({
      slot: z.int().check(z.minimum(0)),
      tty: z.string(),
      isProven: z.boolean(),
      serial: z.nullable(z.string()),
      isDoubted: z.boolean(),
    }),
  ),
});

export const WIRING_FORMAT: StateFormat<StoredWiring> = {
  migrations: [null],
  parse: (plain) => Stored.parse(plain),
  plain: (stored) => stored,
};
