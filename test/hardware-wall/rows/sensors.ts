import type { HardwareRow } from "../row.js";

/** Five seconds of age, a round of one second, half a second to act: and a computer that has other things to do. */
const STALE_S = 7.5;
/** A round of one second and half a second to act. */
const AT_ONCE_S = 3;
/** As the rise is measured over five seconds. */
const RISES_S = 6;

const OUT = { acts: "rule", effect: "isolate", slots: [1], recovers: "resume" } as const;
const CUT = { acts: "rule", effect: "cut", recovers: "resume" } as const;

/** Temperature sensors. */
export const SENSOR_ROWS: readonly HardwareRow[] = [
  {
    name: "a sensor is stuck while its board gets warmer",
    isLong: true,
    faults: [
      { name: "sensorStuck", chain: 1, sensor: 0 },
      { name: "hotIntake", riseC: 30 },
    ],
    ...{ ...OUT, withinS: 80, shown: ["SENSOR_STUCK"] },
    why: "a minute of the same value, while another one on the board moves six degrees",
  },
  {
    name: "one sensor of a board falls silent",
    faults: [{ name: "sensorSilent", chain: 1, sensor: 0 }],
    ...{ ...OUT, withinS: STALE_S, shown: ["SENSOR_SILENT"] },
  },
  {
    name: "all sensors of a board fall silent",
    faults: [{ name: "sensorSilent", chain: 1 }],
    ...{ ...OUT, withinS: STALE_S, shown: ["SENSOR_SILENT"] },
  },
  {
    name: "the sensors of two boards fall silent",
    faults: [
      { name: "sensorSilent", chain: 0 },
      { name: "sensorSilent", chain: 2 },
    ],
    ...{ ...OUT, slots: [0, 2], withinS: STALE_S, shown: ["SENSOR_SILENT"] },
  },
  {
    name: "the sensors of all boards fall silent",
    faults: [{ name: "sensorSilent" }],
    ...{ ...CUT, withinS: STALE_S, shown: ["SENSOR_SILENT"] },
  },
  {
    name: "a sensor tells all bits set",
    faults: [{ name: "sensorTells", chain: 1, sensor: 0 }],
    ...{ ...OUT, withinS: STALE_S, shown: ["SENSOR_IMPLAUSIBLE"] },
  },
  {
    name: "a sensor tells exactly 0 C",
    faults: [{ name: "sensorTells", chain: 1, sensor: 1, tellsC: 0 }],
    ...{ ...OUT, withinS: STALE_S, shown: ["SENSOR_IMPLAUSIBLE"] },
  },
  {
    name: "a sensor tells 40 C below zero",
    isLong: true,
    faults: [{ name: "sensorTells", chain: 1, sensor: 0, tellsC: -40 }],
    ...{ ...OUT, withinS: STALE_S, shown: ["SENSOR_IMPLAUSIBLE"] },
  },
  {
    name: "a sensor drifts down by a degree a second",
    isLong: true,
    faults: [{ name: "sensorDrifts", chain: 1, sensor: 0, cPerS: -1 }],
    ...{ ...OUT, withinS: 45, shown: ["SENSOR_IMPLAUSIBLE"] },
    why: "until it reaches 0 C nobody can tell it from a cooler board",
  },
  {
    name: "the sensors of all boards drift up by six degrees a second",
    faults: [{ name: "sensorDrifts", cPerS: 6 }],
    ...{ ...CUT, withinS: 9, shown: ["TEMPERATURE_RISING"] },
    why: "a rise counts from 70 % of the limit on",
  },
  {
    name: "all sensors of a board jump by 22 degrees",
    warmC: 40,
    faults: [{ name: "sensorOffset", chain: 1, offsetC: 22 }],
    ...{ ...OUT, withinS: RISES_S, shown: ["TEMPERATURE_RISING"] },
  },
  {
    name: "two sensors of a board disagree",
    isLong: true,
    warmC: 50,
    faults: [{ name: "sensorOffset", chain: 1, sensor: 1, offsetC: -47 }],
    ...{ ...OUT, withinS: AT_ONCE_S, shown: ["SENSORS_DISAGREE"] },
  },
  {
    name: "the sensors of all boards tell more than the limit",
    faults: [{ name: "sensorTells", tellsC: 76 }],
    ...{ ...CUT, withinS: AT_ONCE_S, shown: ["TEMPERATURE_CUT"] },
  },
  {
    name: "a sensor holds its bus for 0.2 s at each reading",
    faults: [{ name: "sensorSlow", chain: 1, sensor: 0, delayMs: 200 }],
    ...{ acts: "nobody", effect: "none", withinS: 9, shown: [], recovers: "byItself" },
  },
  {
    name: "a sensor answers at another address",
    faults: [{ name: "sensorMoved", chain: 1, sensor: 0, address: 0x4b }],
    ...{ ...OUT, withinS: STALE_S, shown: ["SENSOR_SILENT"] },
  },
];
