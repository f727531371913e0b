import type { ErrorCode } from "../lib/errors.js";

/** One temperature of a powered hashboard, as whoever reads it knows it. */
export interface TemperatureFact {
  readonly slot: number;
  readonly place: string;
  /** At a chip's die and not on the board. */
  readonly isDie: boolean;
  /** What it said last; undefined while it said nothing. */
  readonly tempC: number | undefined;
  /** Seconds since it said that. */
  readonly ageS: number;
  /** Why the last try to read it failed; undefined when it did not. */
  readonly trouble: ErrorCode | undefined;
}

/** What a good fan may show, at the duty that it has and at those that it comes from. */
export interface ExpectedRpm {
  readonly leastRpm: number;
  /** A tach that says more lies; undefined where nobody knows how fast such a fan turns. */
  readonly mostRpm: number | undefined;
}

export interface FanFact {
  /** As labelled on the machine. */
  readonly fan: number;
  /** What its tach said last; undefined when it could not be read. */
  readonly rpm: number | undefined;
  /** When `rpm` was read. */
  readonly expectedRpm: ExpectedRpm;
  /** Seconds since it was seen to turn fast enough for its duty; Infinity when it never was. */
  readonly goodAgeS: number;
}

/** What is known of the voltage that the supply is set to. */
export type SetpointFact =
  /** Read back, and what was asked for. */
  | { readonly is: "verified"; readonly railMv: number; readonly ageS: number }
  /** Being moved while the output is on. */
  | { readonly is: "changing" }
  | { readonly is: "unread" }
  | { readonly is: "wrong"; readonly wantedMv: number; readonly readMv: number };

/** Everything that the rail's permit depends on, at one moment. */
export interface RailFacts {
  /** Slots of hashboards that are powered or are to be. */
  readonly poweredSlots: readonly number[];
  /** Of every sensor that a powered board must have. */
  readonly temperatures: readonly TemperatureFact[];
  /** Fans that must turn; 0 for liquid cooling. */
  readonly neededFans: number;
  readonly fans: readonly FanFact[];
  readonly setpoint: SetpointFact;
}

/** What the facts are held to. */
export interface RailLimits {
  readonly boardCutC: number;
  /** Where a die can be read. */
  readonly chipCutC: number | undefined;
  readonly minMv: number;
  readonly maxMv: number;
  /** Speed at full duty below which a fan counts as broken. */
  readonly minRpm: number;
}
