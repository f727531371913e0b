import type { HardwareRow } from "../row.js";

/** Two rounds of up to ten questions on the bus of the supply, of half a second each, and half a second to act. */
const MEASURED_S = 16;
/** A supply goes on as it was told last: a minute of silence, and what a question and its repeats take. */
const SILENT_S = 66;

const CUT = { acts: "rule", effect: "cut", withinS: MEASURED_S, recovers: "resume" } as const;
const ITSELF = { acts: "part", effect: "cut", withinS: MEASURED_S, recovers: "resume" } as const;
const GOES_ON = { acts: "nobody", effect: "none", withinS: 5, recovers: "byItself" } as const;
const SILENT = { ...CUT, withinS: SILENT_S, shown: ["PSU_NO_ANSWER"] } as const;

/** The supply, its data line and the mains. */
export const SUPPLY_ROWS: readonly HardwareRow[] = [
  { name: "the supply falls silent", faults: [{ name: "psuSilent" }], ...SILENT },
  {
    name: "the supply refuses every command",
    isLong: true,
    faults: [{ name: "psuBusy" }],
    ...SILENT,
  },
  {
    name: "all replies of the supply have a wrong sum",
    isLong: true,
    faults: [{ name: "psuBadSum" }],
    ...SILENT,
  },
  {
    name: "a fifth of the supply's replies have a wrong sum",
    faults: [{ name: "psuBadSum", share: 0.2 }],
    ...{ ...GOES_ON, shown: [] },
  },
  {
    name: "the supply takes half a second longer for every reply",
    faults: [{ name: "psuSlow", delayMs: 500 }],
    ...{ ...GOES_ON, shown: [] },
  },
  {
    name: "the setpoint of the supply moves by itself",
    faults: [{ name: "psuSetpointSlips", steps: 20 }],
    ...{ ...CUT, shown: ["PSU_READBACK_MISMATCH"] },
  },
  {
    name: "the setpoint of the supply moves up by itself",
    isLong: true,
    faults: [{ name: "psuSetpointSlips", steps: -40 }],
    ...{ ...CUT, shown: ["PSU_READBACK_MISMATCH"] },
  },
  {
    name: "the supply tells another setpoint than it has",
    faults: [{ name: "psuTellsWrongSetpoint", steps: 20 }],
    ...{ ...CUT, shown: ["PSU_READBACK_MISMATCH"] },
  },
  {
    name: "the supply tells another output than it gives",
    faults: [{ name: "psuTellsWrongOutput" }],
    ...{ ...CUT, shown: ["PSU_OUTPUT_WRONG"] },
  },
  {
    name: "the output sags by 1.2 V",
    faults: [{ name: "psuWrongVoltage", offsetMv: -1200 }],
    ...{ ...CUT, shown: ["PSU_OUTPUT_WRONG"] },
  },
  {
    name: "the output rises by 1.2 V",
    faults: [{ name: "psuWrongVoltage", offsetMv: 1200 }],
    ...{ ...CUT, shown: ["PSU_OUTPUT_WRONG"] },
  },
  {
    name: "the output drifts up by 0.2 V a second",
    isLong: true,
    faults: [{ name: "psuDrifts", mvPerS: 200 }],
    ...{ ...CUT, withinS: 20, shown: ["PSU_OUTPUT_WRONG"] },
  },
  {
    name: "the output wanders by 0.2 V",
    faults: [{ name: "psuWrongVoltage", offsetMv: -200 }],
    ...{ ...GOES_ON, shown: [] },
  },
  {
    name: "the output is gone",
    faults: [{ name: "psuNoOutput" }],
    ...{ ...CUT, shown: ["PSU_OUTPUT_WRONG"] },
  },
  {
    name: "the supply protects itself",
    faults: [{ name: "psuShutsDown" }],
    ...{ ...ITSELF, shown: ["PSU_OUTPUT_WRONG"] },
  },
  {
    name: "the supply cuts for too much current",
    isLong: true,
    faults: [{ name: "psuWeak", tripA: 5 }],
    ...{ ...ITSELF, shown: ["PSU_OUTPUT_WRONG"] },
  },
  {
    name: "the watchdog of the supply runs unasked",
    faults: [{ name: "watchdogBites", afterS: 5 }],
    ...{ ...GOES_ON, withinS: 9, shown: [] },
    why: "it is asked often enough",
  },
  {
    name: "the mains sag below what the supply needs",
    faults: [{ name: "acBrownOut", inputV: 70 }],
    ...{ ...ITSELF, shown: ["PSU_OUTPUT_WRONG"] },
  },
  {
    name: "the mains are low, and enough",
    faults: [{ name: "acBrownOut", inputV: 190 }],
    ...{ ...GOES_ON, shown: [] },
  },
  {
    name: "the supply raises flags that nobody knows",
    faults: [{ name: "psuFlags", flags: 0x40 }],
    ...{ ...GOES_ON, shown: [] },
    why: "no source says what its bits mean",
  },
  {
    name: "the supply gets too hot",
    faults: [{ name: "psuHot", riseC: 75 }],
    ...{ ...CUT, shown: ["PSU_HOT"] },
  },
  {
    name: "the output cannot be switched off, and all sensors fall silent",
    faults: [{ name: "psuStuckOn" }, { name: "sensorSilent" }],
    ...{ acts: "rule", effect: "held", withinS: 7.5, shown: ["SENSOR_SILENT"] },
    recovers: "resume",
    why: "chains in reset draw next to nothing: more cannot be had",
  },
  {
    name: "the enable line no longer moves, and all sensors fall silent",
    faults: [{ name: "enableLineDead" }, { name: "sensorSilent" }],
    ...{ acts: "rule", effect: "held", withinS: 7.5, shown: ["SENSOR_SILENT"] },
    recovers: "resume",
  },
];
