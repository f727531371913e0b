import type { CalibrationBlock } from "./calibration-block.js";
import { codeOfMv, type DacFormula, MAX_CODE, mvOfCode } from "./dac-formula.js";

/**
 * Between what a supply is told and the voltage that it makes then. Version 1 is told a code, version 2 nominal
 * millivolts; either is `told` here.
 */
export interface VoltageScale {
  /** Undefined for a voltage that cannot be expressed. */
  toldForMv(railMv: number): number | undefined;
  /** mV, not rounded. Undefined for what the supply cannot have been told. */
  mvForTold(told: number): number | undefined;
  readonly calibration: "block" | "formula" | "none";
}

/** What a type makes at a code, and how far off the unit is there. */
interface Point {
  readonly told: number;
  readonly mv: number;
}

/** A voltage that far outside the calibrated range still counts as its end. Source: symbolised S21 factory tool. */
const TOLERANCE_MV = 1;

/** Nominal ends of supplies of frame version 2, mV. Source: symbolised S21 factory tool. */
export const NOMINAL_V2 = { highMv: 21_600, lowMv: 17_000 } as const;

/** By formula, truncated. */
export function formulaScale(formula: DacFormula): VoltageScale {
  return {
    calibration: "formula",
    toldForMv: (railMv) => codeOfMv(formula, railMv),
    mvForTold: (code) => (isCode(code) ? mvOfCode(formula, code) : undefined),
  };
}

/** By the block of the unit: straight lines between its points, codes rounded. */
export function calibratedScale(formula: DacFormula, block: CalibrationBlock): VoltageScale {
  const points = calibratedPoints(formula, block);
  return {
    calibration: "block",
    toldForMv: (railMv) => {
      const code = between(points, "mv", "told", railMv, TOLERANCE_MV);
      return code === undefined ? undefined : clampCode(Math.round(code));
    },
    mvForTold: (code) => (isCode(code) ? between(points, "told", "mv", code, 0) : undefined),
  };
}

/** The points of a block for a type of frame version 1, the highest voltage first. */
export function calibratedPoints(formula: DacFormula, block: CalibrationBlock): readonly Point[] {
  const last = block.offsetsMv.length - 1;
  return block.offsetsMv.map((offsetMv, index) => {
    const told = Math.round((index * MAX_CODE) / last);
    return { told, mv: mvOfCode(formula, told) + offsetMv };
  });
}

/** Version 2 without a block: what is asked for is sent. */
export const nominalScale: VoltageScale = {
  calibration: "none",
  toldForMv: (railMv) => railMv,
  mvForTold: (told) => told,
};

/** Version 2 by the block of the unit. */
export function calibratedNominalScale(block: CalibrationBlock): VoltageScale {
  const points = calibratedNominalPoints(block);
  return {
    calibration: "block",
    toldForMv: (railMv) => between(points, "mv", "told", railMv, TOLERANCE_MV),
    // Outside of the points, as with the output off, no correction is known.
    mvForTold: (told) => between(points, "told", "mv", told, TOLERANCE_MV) ?? told,
  };
}

export function calibratedNominalPoints(block: CalibrationBlock): readonly Point[] {
  const { highMv, lowMv } = NOMINAL_V2;
  const last = block.offsetsMv.length - 1;
  return block.offsetsMv.map((offsetMv, index) => {
    const told = highMv - (index * (highMv - lowMv)) / last;
    return { told, mv: told + offsetMv };
  });
}

/** On the straight line between the two points around `value`; undefined outside of all. */
function between(
  points: readonly Point[],
  from: keyof Point,
  to: keyof Point,
  value: number,
  tolerance: number,
): number | undefined {
  for (const [index, end] of points.entries()) {
    const start = points[index - 1];
    if (start === undefined) continue;
    const low = Math.min(start[from], end[from]) - tolerance;
    const high = Math.max(start[from], end[from]) + tolerance;
    if (value < low || value > high) continue;
    return start[to] + ((end[to] - start[to]) / (end[from] - start[from])) * (value - start[from]);
  }
  return undefined;
}

function isCode(code: number): boolean {
  return Number.isInteger(code) && code >= 0 && code <= MAX_CODE;
}

function clampCode(code: number): number {
  return Math.min(MAX_CODE, Math.max(0, code));
}
