import type { MachineStateName } from "./machine-snapshot.js";

/** What a machine does, in the words of operators' tools. Sheet management.md, 8 and 9. */
export const MODES = [
  "off",
  "starting",
  "mining",
  "paused",
  "sleep",
  "curtailed",
  "fault",
] as const;
export type Mode = (typeof MODES)[number];

const MODE_OF: Readonly<Record<MachineStateName, Mode>> = {
  off: "off",
  identify: "starting",
  selfTest: "starting",
  power: "starting",
  chainOrder: "starting",
  bringUp: "starting",
  hashing: "mining",
  paused: "paused",
  asleep: "sleep",
  curtailed: "curtailed",
  stopping: "off",
  fault: "fault",
};

export function modeOf(state: MachineStateName): Mode {
  return MODE_OF[state];
}
