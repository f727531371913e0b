import type { CoolingMode } from "../cooling/cooling-plan.js";
import type { CoolingReason } from "../cooling/cooling-inputs.js";
import type { PowerControlSnapshot } from "../power/power-control.js";
import type { Reading } from "../power/rail-snapshot.js";
import type { ErrorSnapshot } from "./error-snapshot.js";
import type { TripSnapshot } from "./trip-snapshot.js";

/** What the machine does; docs/operator.md says what each means. */
export type MachineStateName =
  | "off"
  | "identify"
  | "selfTest"
  | "power"
  | "chainOrder"
  | "bringUp"
  | "hashing"
  | "paused"
  | "asleep"
  | "curtailed"
  | "stopping"
  | "fault";

/** What the operator ordered. */
export type OrderName = "mine" | "paused" | "asleep" | "curtailed";

export interface CurtailmentSnapshot {
  /** Unix milliseconds of the command and of the enable line; null when a process before this one was told. */
  readonly receivedUnixMs: number | null;
  readonly powerOffUnixMs: number | null;
  readonly tookMs: number | null;
  /** `readback`: the supply measured an empty rail; `none`: it cannot; null: nobody has looked yet. */
  readonly confirmedBy: "readback" | "none" | null;
  readonly confirmedUnixMs: number | null;
}

/** Where the machine is in its life. */
export interface StateSnapshot {
  readonly is: MachineStateName;
  readonly sinceS: number;
  readonly order: OrderName;
  /** Unix milliseconds; null when nobody ordered anything. */
  readonly orderedUnixMs: number | null;
  /** Of a fault. */
  readonly error: ErrorSnapshot | null;
  /** Until a machine in fault is tried again; null when it is not, or not without `resume`. */
  readonly retryInS: number | null;
  readonly curtailment: CurtailmentSnapshot | null;
  readonly setPoints: { readonly freqMHz: number; readonly railMv: number | null };
  /** Oldest first; seconds since the start of the process. */
  readonly phases: readonly { readonly state: MachineStateName; readonly atS: number }[];
}

/** What is known of the hashboard in a slot. */
export interface BoardSnapshot {
  readonly slot: number;
  /** `isolated`: not used, for the reason of `error`. */
  readonly verdict: "usable" | "isolated";
  readonly error: ErrorSnapshot | null;
  /** What its memory holds; null where it has none or is silent. */
  readonly memory: "identity" | "blank" | "unknown" | null;
  readonly serial: string | null;
  readonly boardName: string | null;
  readonly chipMarking: string | null;
  readonly controllerVersion: number | null;
  readonly warnings: readonly ErrorSnapshot[];
}

export interface TemperatureSnapshot {
  readonly slot: number;
  readonly place: string;
  readonly part: string;
  /** At a chip's die and not on the board. */
  readonly isDie: boolean;
  readonly tempC: number | null;
  readonly ageS: number | null;
  readonly evidence: "measured" | "none";
  /** Why the last try to read it failed. */
  readonly error: ErrorSnapshot | null;
}

/** What the control board measures of itself. */
export interface ControlBoardSnapshot {
  /** As the kernel names the zone. */
  readonly place: string;
  readonly tempC: number;
  readonly ageS: number;
}

export interface FansSnapshot {
  readonly dutyPct: number | null;
  readonly needed: number;
  readonly fans: readonly {
    readonly fan: number;
    readonly rpm: number | null;
    /** What a good one may show at its duty. */
    readonly leastRpm: number;
    readonly mostRpm: number | null;
    readonly ageS: number | null;
    readonly isGood: boolean;
    readonly error: ErrorSnapshot | null;
  }[];
}

/** What fans and clock do about the heat; docs/operator.md says what each reason means. */
export interface CoolingSnapshot {
  readonly mode: CoolingMode;
  readonly dutyPct: number;
  /** Of the hottest board; null where nothing is driven to hold it. */
  readonly targetC: number | null;
  /** Null without one. */
  readonly quietCapPct: number | null;
  readonly reason: CoolingReason;
  /** Of the ordered clock, as much as the chains may have. */
  readonly powerSharePct: number;
  readonly error: ErrorSnapshot | null;
}

export interface RailStateSnapshot {
  readonly isOn: boolean;
  /** As the supply holds it, read back. */
  readonly setpointMv: Reading<number>;
  /** Measured. */
  readonly outputMv: Reading<number>;
}

export interface SupplySnapshot {
  /** Name of its file in boards/power-supplies. */
  readonly name: string;
  readonly typeCode: number | null;
  readonly firmware: number | null;
  readonly serial: string | null;
  readonly calibration: "block" | "formula" | "none";
  readonly temperatures: Reading<readonly { readonly place: string; readonly tempC: number }[]>;
}

/** The watts that the machine is held to. */
export interface PowerTargetSnapshot extends PowerControlSnapshot {
  /** What the owner set, or a curtailment that is less. */
  readonly by: "setPoint" | "curtail";
}

/** Everything of the machine but its chains. */
export interface MachineSnapshot {
  readonly state: StateSnapshot;
  readonly boards: readonly BoardSnapshot[];
  readonly temperatures: readonly TemperatureSnapshot[];
  readonly hottestC: number | null;
  /** Null where it is not measured. */
  readonly controlBoardTemperature: ControlBoardSnapshot | null;
  readonly fans: FansSnapshot;
  readonly cooling: CoolingSnapshot;
  readonly rail: RailStateSnapshot | null;
  readonly supply: SupplySnapshot | null;
  readonly powerW: Reading<number>;
  /** Null without one. */
  readonly powerTarget: PowerTargetSnapshot | null;
  /** Watts by what the chains make now. */
  readonly efficiencyJPerTh: Reading<number>;
  /** What is wrong with parts at this moment. */
  readonly troubles: readonly ErrorSnapshot[];
  /** What cut the power or took a board out, as long as it holds. */
  readonly trips: readonly TripSnapshot[];
}
