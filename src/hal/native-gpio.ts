/** How a line of a GPIO character device is used; native/gpio/char_line.hpp tells of each. */
export type NativeLineUse = "input" | "output" | "outputAsIs" | "openDrain" | "fallingEdges";

/** One held line. All calls are short; errors are the system's. */
export interface NativeGpioLine {
  /** Holds the line; usable as `NativeLine` until `close`. */
  readonly fd: number;
  read(): 0 | 1;
  write(level: 0 | 1): void;
  /** Kernel times of the falling edges since the last call, oldest first, microseconds of any clock. */
  takeEdges(): Float64Array;
  /** Lets go of the line; with most chips it keeps its level. */
  close(): void;
}

/** A line for TwoLineBus: held as `openDrain`, or the open files of sysfs. They are duplicated. */
export type NativeOpenDrainLine =
  { readonly fd: number } | { readonly directionFd: number; readonly valueFd: number };

/** In the order of Status in native/i2c/bit_bang_master.hpp. */
export const TWO_LINE_STATUS = [
  "ok",
  "nack",
  "stuck",
  "clockHeld",
  "arbitrationLost",
  "lineFailed",
] as const;
export type TwoLineStatus = (typeof TWO_LINE_STATUS)[number];

export interface TwoLineResult {
  /** Index into TWO_LINE_STATUS. */
  readonly status: number;
  readonly read: Uint8Array;
}

/** An I2C master on two lines. It works on threads of libuv, and each call ends within bounds. */
export interface NativeTwoLineBus {
  transfer(address: number, write: Uint8Array, readLength: number): Promise<TwoLineResult>;
  recover(): Promise<TwoLineResult>;
  /** Lets go of the lines when the last transfer has ended. */
  close(): void;
}

/** The part of the addon that reaches GPIO lines and what is made of them. */
export interface NativeGpioAddon {
  readonly GpioLine: new (
    device: string,
    offset: number,
    use: NativeLineUse,
    level: 0 | 1,
  ) => NativeGpioLine;
  readonly TwoLineBus: new (scl: NativeOpenDrainLine, sda: NativeOpenDrainLine) => NativeTwoLineBus;
  readGpioChip(device: string): { readonly label: string; readonly lines: number };
  /** Asks the driver of an open watchdog for a time, and gives the time that it took. */
  setWatchdogTimeout(fd: number, seconds: number): number;
}
