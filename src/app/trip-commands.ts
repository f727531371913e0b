import * as z from "zod/mini";
import { MinerError } from "../lib/errors.js";
import type { TripLog, TripRecord } from "../safety/trip.js";
import type { MachineLife } from "./life-cycle/machine-life.js";

export const TripToClear = z.object({ id: z.string() });

export interface TripCommandsParts {
  readonly trips: TripLog;
  readonly life: Pick<MachineLife, "retry">;
}

/** What clients ask about trips. */
export class TripCommands {
  readonly #parts: TripCommandsParts;

  constructor(parts: TripCommandsParts) {
    this.#parts = parts;
  }

  /** Oldest first. */
  list(): { readonly trips: readonly TripRecord[] } {
    return { trips: this.#parts.trips.list() };
  }

  /**
   * Its owner knows of it: what it stopped is tried again, as by `resume`.
   * @throws TRIP_UNKNOWN
   */
  clear({ id }: z.infer<typeof TripToClear>): { readonly trip: TripRecord } {
    const { trips, life } = this.#parts;
    const wasOpen = this.#find(id).cleared === null;
    trips.clear(id, "owner");
    if (wasOpen) life.retry();
    return { trip: this.#find(id) };
  }

  #find(id: string): TripRecord {
    const found = this.#parts.trips.list().find((trip) => trip.id === id);
    if (found === undefined) throw new MinerError("TRIP_UNKNOWN", { id });
    return found;
  }
}
