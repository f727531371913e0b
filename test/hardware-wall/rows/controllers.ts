import type { HardwareRow } from "../row.js";

/** Eight seconds without an answer and three heartbeats in a row; sensors behind it are silent before that. */
const SILENT_S = 14;

const OUT = {
  machine: "s19j-pro",
  acts: "rule",
  effect: "isolate",
  slots: [1],
  recovers: "resume",
} as const;
const GOES_ON = {
  machine: "s19j-pro",
  acts: "nobody",
  effect: "none",
  withinS: 5,
  recovers: "byItself",
} as const;

/** The processors of hashboards with converters of their own. */
export const CONTROLLER_ROWS: readonly HardwareRow[] = [
  {
    name: "a controller falls silent",
    faults: [{ name: "controllerSilent", chain: 1 }],
    ...{ ...OUT, withinS: SILENT_S, shown: ["CONTROLLER_NO_ANSWER"] },
  },
  {
    name: "a controller acknowledges and says nothing",
    isLong: true,
    faults: [{ name: "controllerMute", chain: 1 }],
    ...{ ...OUT, withinS: SILENT_S, shown: ["CONTROLLER_NO_ANSWER"] },
  },
  {
    name: "a controller falls back into its loader",
    faults: [{ name: "controllerRestarts", chain: 1 }],
    ...{ ...OUT, withinS: SILENT_S, shown: ["CONTROLLER_NO_ANSWER"] },
  },
  {
    name: "a converter can no longer be switched off",
    faults: [{ name: "converterStuck", chain: 1, at: "on" }],
    ...{ ...GOES_ON, shown: [] },
  },
  {
    name: "a converter switches off by itself",
    machine: "s19j-pro",
    isLong: true,
    faults: [{ name: "converterStuck", chain: 1, at: "off" }],
    ...{ acts: "recovery", effect: "again", slots: [1], withinS: 60, shown: [] },
    recovers: "resume",
    why: "its controller says that all is well: seen when the chips are counted, and told as broken or silent",
  },
  {
    name: "a controller gives another version while it runs",
    faults: [{ name: "controllerWrongVersion", chain: 1 }],
    ...{ ...GOES_ON, shown: [] },
  },
  {
    name: "one sensor of a board with a controller falls silent",
    faults: [{ name: "sensorSilent", chain: 2, sensor: 0 }],
    ...{ ...OUT, slots: [2], withinS: 7.5, shown: ["SENSOR_SILENT"] },
  },
];
