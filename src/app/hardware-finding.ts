import type { ControlBoard, MachineSpec } from "../boards/machine-spec.js";

/** One kind of thing that a control board has, and whether this computer has it. */
export interface HardwareFinding {
  readonly part:
    | "device tree"
    | "serial ports"
    | "I2C to boards"
    | "I2C to supply"
    | "GPIO lines"
    | "fan PWM"
    | "watchdog";
  readonly lookedFor: string;
  /** `wrong`: something else is there. `unneeded`: it is not there, and the machine runs without. */
  readonly is: "found" | "missing" | "wrong" | "forbidden" | "unneeded";
  /** What was found, or what of it is missing, in a few words. */
  readonly found: string;
}

export interface HardwareWish {
  readonly machine: MachineSpec;
  readonly board: ControlBoard;
  /** Slots that are to run. */
  readonly slots: readonly number[];
  readonly deviceDir: string;
}
