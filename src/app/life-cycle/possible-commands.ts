import type { MachineStateName } from "../../telemetry/machine-snapshot.js";
import type { Order } from "./order.js";

export const MACHINE_COMMANDS = ["pause", "resume", "sleep", "wake", "curtail"] as const;
export type MachineCommand = (typeof MACHINE_COMMANDS)[number];

/** What each order can be changed to while the machine starts or runs. */
const BY_ORDER: Readonly<Record<Order, readonly MachineCommand[]>> = {
  mine: ["pause", "sleep", "curtail"],
  paused: ["resume", "sleep", "curtail"],
  asleep: ["wake", "curtail"],
  curtailed: ["resume"],
};

/** What each command makes of the order. */
export const ORDER_OF: Readonly<Record<MachineCommand, Order>> = {
  pause: "paused",
  resume: "mine",
  sleep: "asleep",
  wake: "mine",
  curtail: "curtailed",
};

/** Commands that change something in a state, under an order. */
export function possibleCommands(state: MachineStateName, order: Order): readonly MachineCommand[] {
  if (state === "off" || state === "stopping") return [];
  if (state === "fault") return ["resume", "curtail"];
  return BY_ORDER[order];
}
