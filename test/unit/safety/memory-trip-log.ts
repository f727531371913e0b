import type { TripLog, TripRecord } from "../../../src/safety/trip.js";

/** Trips of one process. */
export class MemoryTripLog implements TripLog {
  #trips: readonly TripRecord[] = [];

  record(trip: Omit<TripRecord, "id" | "cleared">): TripRecord {
    const record = { ...trip, id: String(this.#trips.length).padStart(4, "0"), cleared: null };
    this.#trips = [...this.#trips, record];
    return record;
  }

  clear(id: string, by: "rule" | "owner"): void {
    this.#trips = this.#trips.map((trip) =>
      trip.id === id && trip.cleared === null
        ? { ...trip, cleared: { by, atUnixMs: trip.atUnixMs } }
        : trip,
    );
  }

  list(): readonly TripRecord[] {
    return this.#trips;
  }
}
