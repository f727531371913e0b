import type { Level, GpioOutput } from "../hal/gpio.js";

/** Whatever opens and closes the output of the supply. */
export interface RailSwitch {
  readonly name: string;
  /** Longest time that one try may take. */
  readonly limitMs: number;
  /** Resolves when it is driven, not when the voltage is there. */
  set(isOn: boolean): Promise<void>;
}

/** A line is written at once; what takes longer does not come any more. */
const LINE_LIMIT_MS = 200;
/** A regulator shares its bus with sensors; a transfer there takes a few milliseconds. */
const REGULATOR_LIMIT_MS = 500;

/** The enable line of a supply. */
export function lineSwitch(line: GpioOutput, onLevel: Level): RailSwitch {
  return {
    name: line.name,
    limitMs: LINE_LIMIT_MS,
    set: (isOn) => line.write(isOn === (onLevel === 1) ? 1 : 0),
  };
}

/** A regulator that is switched over its data line, as it has no enable line. */
export function regulatorSwitch(setOutput: (isOn: boolean) => Promise<void>): RailSwitch {
  return { name: "regulator", limitMs: REGULATOR_LIMIT_MS, set: setOutput };
}
