import type { HardwareRow } from "../row.js";

const STALE_S = 7.5;
/** A supply goes on as it was told last: a minute of silence, and what a question and its repeats take. */
const SILENT_S = 66;

const BOARDS = { acts: "rule", effect: "cut", withinS: STALE_S, recovers: "resume" } as const;
const PSU = { acts: "rule", effect: "cut", withinS: SILENT_S, recovers: "resume" } as const;
const GOES_ON = { acts: "nobody", effect: "none", recovers: "byItself", shown: [] } as const;

/** I2C buses, and what else is on the boards: memories and plugs. */
export const BUS_ROWS: readonly HardwareRow[] = [
  {
    name: "a part holds the bus of the supply down for good",
    isLong: true,
    faults: [{ name: "i2cStuck", bus: "psu" }],
    ...{ ...PSU, shown: ["I2C_BUS_STUCK"] },
  },
  {
    name: "nobody acknowledges on the bus of the supply",
    isLong: true,
    faults: [{ name: "i2cDeaf", bus: "psu" }],
    ...{ ...PSU, shown: ["PSU_NO_ANSWER"] },
  },
  {
    name: "the bus of the supply gives bytes that no part sent",
    isLong: true,
    faults: [{ name: "i2cWrong", bus: "psu" }],
    ...{ ...PSU, shown: ["PSU_NO_ANSWER"] },
  },
  {
    name: "a part holds the bus of the boards down for good",
    faults: [{ name: "i2cStuck", bus: "boards" }],
    ...{ ...BOARDS, shown: ["SENSOR_SILENT"] },
  },
  {
    name: "a part holds the bus of the boards down until nine clocks come",
    faults: [{ name: "i2cStuck", bus: "boards", recovers: "yes" }],
    ...{ ...GOES_ON, withinS: 9 },
  },
  {
    name: "nobody acknowledges on the bus of the boards",
    isLong: true,
    faults: [{ name: "i2cDeaf", bus: "boards" }],
    ...{ ...BOARDS, shown: ["SENSOR_SILENT"] },
  },
  {
    name: "the bus of the boards gives bytes that no part sent",
    faults: [{ name: "i2cWrong", bus: "boards" }],
    ...{ ...BOARDS, shown: [] },
    why: "what is told depends on the bytes",
  },
  {
    name: "every transfer on the bus of the boards takes 20 ms longer",
    faults: [{ name: "i2cSlow", bus: "boards", delayMs: 20 }],
    ...{ ...GOES_ON, withinS: 9 },
  },
  {
    name: "every transfer on the bus of the boards takes 8 s longer",
    isLong: true,
    faults: [{ name: "i2cSlow", bus: "boards", delayMs: 8000 }],
    ...{ ...BOARDS, shown: ["SENSOR_SILENT"] },
  },
  {
    name: "one transfer in fifty on the bus of the supply is lost or damaged by noise",
    faults: [{ name: "i2cNoise", bus: "psu", share: 0.02 }],
    ...{ ...GOES_ON, withinS: 9 },
  },
  ...(
    [
      ["falls silent", "eepromSilent"],
      ["reads as blank", "eepromBlank"],
      ["reads damaged", "eepromGarbled"],
      ["reads as that of another machine", "eepromWrongBoard"],
      ["reads as that of another slot", "eepromClone"],
    ] as const
  ).map(([what, name]): HardwareRow => ({
    name: `the memory of a board ${what} while it runs`,
    faults: [{ name, chain: 1 }],
    ...{ ...GOES_ON, withinS: 3 },
    why: "it is read at the start",
  })),
  {
    name: "the plug line of a board that is there falls",
    faults: [{ name: "plugLies", chain: 1 }],
    ...{ ...GOES_ON, withinS: 3 },
    why: "sensors and chips that answer say more than a contact",
  },
  {
    name: "a board is pulled out",
    faults: [{ name: "boardMissing", chain: 1 }],
    ...{ acts: "rule", effect: "isolate", slots: [1], withinS: STALE_S, shown: ["SENSOR_SILENT"] },
    recovers: "resume",
  },
];
