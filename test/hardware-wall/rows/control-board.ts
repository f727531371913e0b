import type { HardwareRow } from "../row.js";

/** Unfed for half a second the guard cuts; a computer that has other things to do may be late by as much. */
const GUARD_S = 1.2;

const GUARD = { acts: "guard", effect: "cut", withinS: GUARD_S } as const;
const COMPANION = { acts: "companion", effect: "cut", withinS: GUARD_S } as const;
const GOES_ON = { acts: "nobody", effect: "none", withinS: 4, recovers: "byItself" } as const;
const DAY_S = 86_400;
/** Until a supply whose bus is slow was asked for its output twice, with what it is asked in between. */
const MEASURED_S = 16;

/** The control board and the process of the controller. */
export const CONTROL_BOARD_ROWS: readonly HardwareRow[] = [
  {
    name: "the controller is killed",
    deed: { is: "signal", signal: "SIGKILL" },
    ...{ ...COMPANION, shown: [], recovers: "restart" },
  },
  {
    name: "the controller crashes in native code",
    deed: { is: "signal", signal: "SIGSEGV" },
    ...{ ...GUARD, shown: [], recovers: "restart" },
  },
  {
    name: "the controller aborts",
    deed: { is: "signal", signal: "SIGABRT" },
    ...{ ...GUARD, shown: [], recovers: "restart" },
  },
  {
    name: "the controller is stopped with all of its threads",
    deed: { is: "signal", signal: "SIGSTOP" },
    ...{ ...COMPANION, shown: [], recovers: "restart" },
  },
  {
    name: "the main thread of the controller stands still",
    deed: { is: "block" },
    ...{ ...GUARD, shown: ["GUARD_TRIPPED"], recovers: "resume" },
  },
  {
    name: "the clock jumps a day ahead",
    deed: { is: "clockJump", seconds: DAY_S },
    ...{ ...GOES_ON, shown: ["CLOCK_JUMPED"] },
  },
  {
    name: "the clock jumps a day back",
    deed: { is: "clockJump", seconds: -DAY_S },
    ...{ ...GOES_ON, shown: ["CLOCK_JUMPED"] },
  },
  {
    name: "the control board is hot",
    faults: [{ name: "controlBoardHot" }],
    ...{ acts: "rule", effect: "cut", withinS: 5, shown: ["CONTROL_BOARD_HOT"] },
    recovers: "resume",
    why: "it is read every two seconds",
  },
  {
    name: "the control board loses its outputs for a moment",
    faults: [{ name: "controlBoardResets" }],
    ...{ acts: "part", effect: "cut", withinS: 5, shown: ["PSU_OUTPUT_WRONG"], recovers: "resume" },
    shownWithinS: MEASURED_S,
  },
  {
    name: "the control board browns out",
    faults: [{ name: "controlBoardResets" }],
    deed: { is: "signal", signal: "SIGKILL" },
    ...{ acts: "part", effect: "cut", withinS: GUARD_S, shown: [], recovers: "restart" },
  },
];
