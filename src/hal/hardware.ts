import type { Bus, FanGroup, FanTach, Line } from "../boards/schema/control-board.js";
import type { GpioInput, GpioOutput, Level, NativeLine } from "./gpio.js";
import type { I2cBus } from "./i2c-bus.js";
import type { PwmOutput, Tach } from "./fan-hardware.js";
import type { OffAction } from "./off-action.js";

export type { NativeLine };

/** Feeds a watchdog device; a device that is not fed resets the control board. */
export interface Watchdog {
  readonly timeoutS: number;
  /** @throws WATCHDOG_FAILED */
  feed(): Promise<void>;
  /** Disarms it where the driver allows that. */
  close(): Promise<void>;
}

/** What a control board measures of itself. */
export interface ControlBoardTemperature {
  /** As whoever measures it names it. */
  readonly place: string;
  readonly tempC: number;
}

/** What may be done on a bus beyond reading and writing ordinary parts. */
export interface I2cBusRights {
  /** Addresses of an S9's controllers, which sit where other machines have identity memories. */
  readonly bareControllers?: readonly number[];
}

/**
 * Everything of a control board that is not a chain. Each method opens one thing and proves that it is there.
 * Two implementations: Linux devices, and the socket of the virtual machine.
 */
export interface Hardware {
  /** Model string of the device tree; undefined where there is none. */
  deviceTreeModel(): Promise<string | undefined>;
  /** @throws I2C_UNAVAILABLE, GPIO_UNAVAILABLE for two-line buses, FIELD_INVALID for rights that nobody has */
  openI2cBus(bus: Bus, rights?: I2cBusRights): Promise<I2cBus>;
  /** @throws GPIO_UNAVAILABLE */
  openInput(line: Line): Promise<GpioInput>;
  /**
   * The line gets `initial` in the moment it becomes an output; `asIs` leaves one that is an output already as it is.
   * @throws GPIO_UNAVAILABLE
   */
  openOutput(line: Line, initial: Level | "asIs"): Promise<GpioOutput>;
  /** Makes a line an output for a native thread. @throws GPIO_UNAVAILABLE */
  openNativeOutput(line: Line, initial: Level | "asIs"): Promise<NativeLine>;
  /** One write on a bus as native code can do it by itself; undefined where it cannot. */
  writeAction?(bus: Bus, address: number, bytes: Uint8Array): OffAction | undefined;
  /** @throws PWM_UNAVAILABLE */
  openPwm(group: FanGroup): Promise<PwmOutput>;
  /** @throws TACH_UNAVAILABLE */
  openTach(tach: FanTach): Promise<Tach>;
  /** @throws WATCHDOG_UNAVAILABLE */
  openWatchdog(device: string, timeoutS: number): Promise<Watchdog>;
  /** Of the control board itself; undefined where nobody measures it. Never rejects. */
  controlBoardTemperature?(): Promise<ControlBoardTemperature | undefined>;
  /** Closes whatever was opened. */
  close(): Promise<void>;
}
