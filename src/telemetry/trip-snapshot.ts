import type { TripRecord } from "../safety/trip.js";

/** A trip that holds, without what was known in its moment: `headframe trips` has that. */
export type TripSnapshot = Omit<TripRecord, "facts" | "cleared">;

export function tripSnapshot({
  id,
  atUnixMs,
  code,
  context,
  action,
  slot,
  by,
}: TripRecord): TripSnapshot {
  return { id, atUnixMs, code, context, action, slot, by };
}
