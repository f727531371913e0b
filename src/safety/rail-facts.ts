import type { ErrorCode } from "../lib/errors.js";
import type { Finding } from "../lib/finding.js";
import type { GuardState } from "./guard.js";

/** One temperature of a hashboard, as whoever reads it knows it. */
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
  /** Over the last seconds; undefined before it was read long enough. */
  readonly riseCPerS?: number | undefined;
  /** Seconds for which it has said the same; undefined while it said nothing. */
  readonly unchangedS?: number | undefined;
  /** How far the sensor of its board that moved most went meanwhile. */
  readonly othersMovedC?: number | undefined;
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
  /** Seconds for which it has told more than a fan can do at its duty; undefined while it does not. */
  readonly liesS?: number | undefined;
}

/** What is known of the voltage that the supply is set to. */
export type SetpointFact =
  /** Read back, and what was asked for. */
  | { readonly is: "verified"; readonly railMv: number; readonly ageS: number }
  /** Being moved while the output is on. */
  | { readonly is: "changing" }
  | { readonly is: "unread" }
  | { readonly is: "wrong"; readonly wantedMv: number; readonly readMv: number };

/** A measured output that is not what the setpoint makes of it. */
export interface WrongOutput {
  readonly setpointMv: number;
  readonly outputMv: number;
  /** Measurements in a row that said so. */
  readonly times: number;
}

/** What the supply says beyond its setpoint. */
export interface SupplyFact {
  /** Seconds since it answered anything; undefined for one without a data line. */
  readonly answerAgeS: number | undefined;
  /** Undefined while the output is as it should be, or cannot be measured. */
  readonly wrongOutput: WrongOutput | undefined;
  /** Where it measures them. */
  readonly powerW: number | undefined;
  readonly currentA: number | undefined;
  readonly temperaturesC: readonly number[];
  /** What it is rated for, where known. */
  readonly ratedW: number | undefined;
  readonly ratedA: number | undefined;
}

/** The controller of one hashboard. */
export interface ControllerFact {
  readonly slot: number;
  /** Seconds since it answered a heartbeat; Infinity before. */
  readonly answerAgeS: number;
  /** It did not answer several times in a row. */
  readonly trouble: Finding | undefined;
}

/** The chain of one hashboard, as far as power is concerned. */
export interface ChainFact {
  readonly slot: number;
  /** Chips are up and have work. */
  readonly isWorking: boolean;
  /** Seconds for which `isWorking` has been as it is. */
  readonly sinceS: number;
  /** It would work if it could. */
  readonly isWanted: boolean;
  /** Seconds since its last nonce; Infinity before. */
  readonly nonceAgeS: number;
  /** Of what it failed, when it is not tried again by itself. */
  readonly givenUp: Finding | undefined;
}

export interface ControlBoardFact {
  readonly tempC: number;
  readonly ageS: number;
}

/** What other parts of the program know of the machine, at one moment. */
export interface GatheredFacts {
  /** Slots of hashboards that are powered or are to be. */
  readonly poweredSlots: readonly number[];
  /** Of every sensor that a powered board must have, and of boards that are isolated while the rail feeds them. */
  readonly temperatures: readonly TemperatureFact[];
  /** Fans that must turn; 0 for liquid cooling. */
  readonly neededFans: number;
  readonly fans: readonly FanFact[];
  readonly setpoint: SetpointFact;
  /** Undefined where none was found. */
  readonly supply: SupplyFact | undefined;
  readonly controllers: readonly ControllerFact[];
  readonly chains: readonly ChainFact[];
  /** Seconds that the time of day was moved by of late; 0 when it was not. */
  readonly clockJumpS: number;
  /** Undefined while nobody knows. */
  readonly isDiskFull: boolean | undefined;
  /** Undefined where it cannot be read. */
  readonly controlBoard: ControlBoardFact | undefined;
}

/** Everything that the rail's permit depends on, at one moment. */
export interface RailFacts extends GatheredFacts {
  readonly guard: GuardState;
  /** By how much this look came too late, milliseconds. */
  readonly loopLagMs: number;
  /** Seconds since the output was switched on, or off. */
  readonly railSinceS: number;
}

/** What the facts are held to: the stricter of the machine's data and the owner's wishes. */
export interface RailLimits {
  readonly boardCutC: number;
  /** Where a die can be read. */
  readonly chipCutC: number | undefined;
  readonly supplyCutC: number;
  readonly controlBoardCutC: number;
  readonly minMv: number;
  readonly maxMv: number;
  /** Speed at full duty below which a fan counts as broken. */
  readonly minRpm: number;
  /** Seconds that a sensor may be silent. */
  readonly sensorMaxAgeS: number;
  /** Watts that the owner allows; undefined when only the supply's rating counts. */
  readonly maxPowerW: number | undefined;
}
