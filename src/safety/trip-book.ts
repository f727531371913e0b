import type { Clock } from "../lib/clock.js";
import { findingOf, findingText, type Finding } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import type { TripLog, TripRecord } from "./trip.js";

export interface TripBookOptions {
  /** Where trips are remembered; without one they are only in the log. */
  readonly trips: TripLog | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

type Trip = Pick<TripRecord, "by" | "facts"> & { readonly slot?: number };

/** Writes down what cut the power, and what ends it. Never fails: power does not depend on a record. */
export class TripBook {
  readonly #options: TripBookOptions;

  constructor(options: TripBookOptions) {
    this.#options = options;
  }

  record({ code, context }: Finding, action: TripRecord["action"], trip: Trip): void {
    const { trips, clock } = this.#options;
    const { by, slot = null } = trip;
    this.#safely(() => {
      // Plain, and as it was: what is not a number is null, as in all that is kept.
      const facts = JSON.parse(JSON.stringify(trip.facts ?? null)) as unknown;
      trips?.record({ atUnixMs: clock.unixMs(), code, context, action, slot, by, facts });
    });
  }

  /** Trips that hold. */
  get open(): readonly TripRecord[] {
    return (this.#options.trips?.list() ?? []).filter(({ cleared }) => cleared === null);
  }

  /** Cuts are over. */
  clearCuts(by: "rule" | "owner"): void {
    this.#clear(by, ({ action }) => action === "cut");
  }

  /** These slots are in use again. */
  clearSlots(slots: readonly number[], by: "rule" | "owner"): void {
    this.#clear(by, ({ slot }) => slot !== null && slots.includes(slot));
  }

  #clear(by: "rule" | "owner", isOver: (trip: TripRecord) => boolean): void {
    const { trips } = this.#options;
    this.#safely(() => {
      for (const trip of this.open) if (isOver(trip)) trips?.clear(trip.id, by);
    });
  }

  #safely(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.log.error({ error: findingText(findingOf(error)) }, "trip is not recorded");
    }
  }
}
