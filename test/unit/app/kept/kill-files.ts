import * as z from "zod/mini";
import type { StateFormat } from "../../../../src/lib/state-text.js";

export const STATE_FILE = "count.json";
export const TRIPS_FOLDER = "trips";
export const RING_FILE = "events.ring";
export const RING_BYTES = 64 * 1024;

export interface Count {
  readonly count: number;
  readonly filling: string;
}

const Counted = z.object({ count: z.number(), filling: z.string() });

export const COUNT_FORMAT: StateFormat<Count> = {
  migrations: [null],
  parse: (plain) => Counted.parse(plain),
  plain: (count) => count,
};
