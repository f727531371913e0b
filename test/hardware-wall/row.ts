import type { ErrorCode } from "../../src/lib/errors.js";
import type { Fault } from "../simulated/rig.js";

/** Who must act. */
export type Actor =
  /** A rule of the interlock. */
  | "rule"
  /** The native guard in the process of the controller. */
  | "guard"
  /** The process beside the controller. */
  | "companion"
  /** The part by itself, as a supply that cuts its output; the controller follows. */
  | "part"
  /** Whoever keeps the chains up: one chain is brought up anew or given up, power stays. */
  | "recovery"
  /** It does no harm, or nobody can know it: the machine mines on. */
  | "nobody";

/** What must become of the power, by the truth. */
export type Effect =
  /** The enable line is driven off, the output is dead, all chains are in reset. */
  | "cut"
  /** As `cut`, but the output cannot be switched off: chains in reset are all that can be had. */
  | "held"
  /** The slots of the row go into reset, and lose their voltage where they have a converter; nothing else moves. */
  | "isolate"
  /** The chains of the row go into reset for a while and are brought up anew; power stays. */
  | "again"
  /** Nothing moves. */
  | "none";

/** What only the harness can do. */
export type Deed =
  | { readonly is: "signal"; readonly signal: "SIGSTOP" | "SIGKILL" | "SIGSEGV" | "SIGABRT" }
  /** The main thread of the controller stands still for some seconds. */
  | { readonly is: "block" }
  | { readonly is: "clockJump"; readonly seconds: number };

/** How the machine comes back once the fault is gone. */
export type Recovery = "byItself" | "resume" | "restart";

/** One fault of the hardware, and what must come of it. */
export interface HardwareRow {
  readonly name: string;
  readonly machine?: WallMachineName;
  /** All sensors are made so warm before, by warm air. */
  readonly warmC?: number;
  /** Set while all boards hash. */
  readonly faults?: readonly Fault[];
  readonly deed?: Deed;
  readonly acts: Actor;
  readonly effect: Effect;
  /** Slots that must go into reset; with `cut` and `held` all do. */
  readonly slots?: readonly number[];
  /** From the fault to the last of what `effect` says; with `none` how long nothing may move. */
  readonly withinS: number;
  /** Told by the status, wherever in it. */
  readonly shown: readonly ErrorCode[];
  /** From the reaction; ten seconds when left out. */
  readonly shownWithinS?: number;
  readonly recovers: Recovery;
  /** Left to scripts/soak, for the time that it takes beside others like it. */
  readonly isLong?: boolean;
  /** What the row is about, or why its time is what it is, when its name does not say it. */
  readonly why?: string;
}

/**
 * An S21 has plain boards on one rail and a supply that tells most, an S19j Pro controllers with a converter for each
 * board, an S19k Pro chips that answer only while no board is in reset.
 */
export type WallMachineName = "s21" | "s19j-pro" | "s19k-pro";

export const MACHINE_OF = (row: HardwareRow): WallMachineName => row.machine ?? "s21";

/** Slots of both machines. */
export const SLOTS = [0, 1, 2] as const;

/** Slots that must hash on. */
export function minesOn({ effect, slots = [] }: HardwareRow): readonly number[] {
  if (effect === "cut" || effect === "held") return [];
  return SLOTS.filter((slot) => !slots.includes(slot));
}

export interface RowResult {
  readonly name: string;
  readonly acts: Actor;
  readonly effect: Effect;
  /** From the fault to the last of what `effect` says; null where nothing was to move. */
  readonly reactionMs: number | null;
  /** From the decision, as the controller dates it, to the enable line; null where there was none. */
  readonly tripToOffMs: number | null;
  readonly backS: number | null;
  readonly tookS: number;
  readonly failures: readonly string[];
}
