import type { MinerError } from "../../lib/errors.js";
import type { MachineStateName } from "../../telemetry/machine-snapshot.js";
import type { Order } from "./order.js";
import type { OffConfirmation } from "./life-hardware.js";

/** Times of a curtailment, Unix milliseconds. */
export interface CurtailReceipt {
  readonly receivedUnixMs: number;
  /** The enable line was driven. */
  readonly powerOffUnixMs: number;
  /** From the one to the other. */
  readonly tookMs: number;
  /** A restart would know of it. */
  readonly isKept: boolean;
}

/** What the machine does. Each state has what belongs to it and nothing else. */
export type MachineState =
  | { readonly is: "off" }
  /** Fans full; everything is asked what it is. */
  | { readonly is: "identify" }
  /** Fans turn, sensors agree, the supply answers. */
  | { readonly is: "selfTest" }
  /** Voltage is set and read back, then the output is opened. */
  | { readonly is: "power"; readonly railMv: number }
  /** One slot after the other is asked on which tty it hangs. */
  | { readonly is: "chainOrder"; readonly slots: readonly number[] }
  /** Chips are counted, their cores opened, their clock raised. */
  | { readonly is: "bringUp"; readonly slots: readonly number[]; readonly isTakeOver: boolean }
  | { readonly is: "hashing"; readonly slots: readonly number[] }
  /** Chips clocked, no work. */
  | { readonly is: "paused"; readonly slots: readonly number[] }
  /** Chips at their lowest clock, or on their way there; no work. */
  | { readonly is: "asleep"; readonly slots: readonly number[] }
  /** Hash power off by order; `receipt` is null when a process before this one was told. */
  | {
      readonly is: "curtailed";
      readonly receipt: CurtailReceipt | null;
      /** Null until somebody has looked. */
      readonly confirmation: OffConfirmation | null;
    }
  | { readonly is: "stopping" }
  /** Hash power off. `retryAtMs` is undefined when it is given up until somebody says so. */
  | {
      readonly is: "fault";
      readonly error: MinerError;
      readonly failures: number;
      readonly retryAtMs: number | undefined;
    };

/** States with the chips up. */
export const UP: readonly MachineStateName[] = ["hashing", "paused", "asleep"];

/** What the machine does with its chips up, by order; curtailed ones are not up. */
export function upState(order: Order): "hashing" | "paused" | "asleep" {
  return order === "paused" || order === "asleep" ? order : "hashing";
}
