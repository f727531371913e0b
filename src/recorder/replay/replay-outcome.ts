import type { FlightEntry, Origin } from "../flight-entry.js";

/** What is recorded and not decided again. */
export type Stream = "safety" | "cooling" | "life";

/** The first thing that is decided otherwise. */
export interface ReplayDifference {
  readonly stream: Stream;
  readonly atUnixMs: number;
  /** Since the program began, seconds. */
  readonly uptimeS: number;
  /** Of the program that decided then. */
  readonly version: string;
  readonly then: string;
  readonly now: string;
}

export interface ReplayedTrip {
  readonly atUnixMs: number;
  readonly action: "cut" | "isolate";
  readonly slot: number | null;
  readonly code: string;
  /**
   * `same`: the rules decide so again. `different`: they do not. `notJudged`: no look found it: a part of the program did, or
   * it came before the first keyframe.
   */
  readonly replay: "same" | "different" | "notJudged";
}

/** Records that are missing between two that are there. */
export interface ReplayGap {
  readonly fromUnixMs: number | null;
  readonly toUnixMs: number | null;
  readonly records: number;
}

/** Plain JSON. */
export interface ReplayReport {
  readonly isSame: boolean;
  readonly version: string;
  readonly recordedBy: readonly string[];
  readonly fromUnixMs: number | null;
  readonly toUnixMs: number | null;
  /** Processes that were recorded. */
  readonly sessions: number;
  readonly looks: number;
  readonly coolingDecisions: number;
  /** Calls and states of the life of the machine. */
  readonly lifeSteps: number;
  /** Runs of the program whose beginning is not in the recording: their life cannot be lived again. */
  readonly livesWithoutBeginning: number;
  /** Without replay: commands, lines of pools, seconds of frames. */
  readonly others: Readonly<Record<string, number>>;
  /** Entries before the first keyframe they need. */
  readonly skipped: number;
  readonly trips: readonly ReplayedTrip[];
  readonly gaps: readonly ReplayGap[];
  readonly differences: number;
  readonly first: ReplayDifference | null;
}

/** When and by whom something was recorded. */
export function unixMsOf(entry: Pick<FlightEntry, "atMs">, { unixAt0Ms }: Origin): number {
  return Math.round(unixAt0Ms + entry.atMs);
}
