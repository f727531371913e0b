import type { HardwareRow } from "../row.js";

/** Five seconds of a fan that is not good, a round of one second, half a second to act. */
const FAN_S = 8;

const CUT = { acts: "rule", effect: "cut", withinS: FAN_S, recovers: "resume" } as const;
const GOES_ON = { acts: "nobody", effect: "none", recovers: "byItself" } as const;

/** Fans and heat. */
export const AIR_ROWS: readonly HardwareRow[] = [
  {
    name: "a fan is blocked",
    faults: [{ name: "fanStalled", fan: 1 }],
    ...{ ...CUT, shown: ["FAN_MISSING"] },
  },
  {
    name: "all fans are blocked",
    faults: [{ name: "fanStalled" }],
    ...{ ...CUT, shown: ["FAN_MISSING"] },
  },
  {
    name: "a fan is unplugged",
    isLong: true,
    faults: [{ name: "fanMissing", fan: 2 }],
    ...{ ...CUT, withinS: 16, shown: ["FAN_MISSING"] },
    why: "it runs down first, and a slow fan is given the time that a change of its duty takes",
  },
  {
    name: "a fan turns at less than half its speed",
    faults: [{ name: "fanSlow", fan: 3, share: 0.35 }],
    ...{ ...CUT, withinS: 16, shown: ["FAN_SLOW"] },
  },
  {
    name: "the tach of a fan falls silent",
    faults: [{ name: "tachDead", fan: 4 }],
    ...{ ...CUT, shown: ["FAN_MISSING"] },
  },
  {
    name: "a fan is blocked and its tach tells full speed",
    faults: [{ name: "fanLies", fan: 1 }],
    ...{ ...CUT, withinS: 30, shown: ["FAN_LYING"] },
    why: "after a start fans are slowed for a while yet: full speed is no lie before their duty asks for less",
  },
  {
    name: "the tach of a fan tells twice its speed",
    isLong: true,
    faults: [{ name: "tachWrong", fan: 2, factor: 2 }],
    ...{ ...CUT, withinS: 12, shown: ["FAN_LYING"] },
  },
  {
    name: "a fan ignores its duty and turns slowly",
    isLong: true,
    faults: [{ name: "pwmIgnored", fan: 1, dutyPct: 5 }],
    ...{ ...CUT, withinS: 16, shown: ["FAN_SLOW"] },
  },
  {
    name: "the air at the inlet is as hot as an oven",
    faults: [{ name: "hotIntake", riseC: 110 }],
    ...{ acts: "rule", effect: "cut", withinS: 60, shown: [], recovers: "resume" },
    why: "heat sinks take their time to get warm: by the truth no board is above its limit for long",
  },
  {
    name: "the air at the inlet is 15 degrees warmer",
    faults: [{ name: "hotIntake", riseC: 15 }],
    ...{ ...GOES_ON, withinS: 10, shown: [] },
  },
  {
    name: "one chip is 40 degrees hotter than its neighbours",
    faults: [{ name: "hotSpot", chain: 1, chip: 20, riseC: 40 }],
    ...{ ...GOES_ON, withinS: 5, shown: [] },
    why: "no sensor of these boards is at a die: nobody can know, and it does no harm below 150 C",
  },
];
