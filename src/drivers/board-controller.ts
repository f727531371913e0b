import type { I2cTransfers } from "../hal/i2c-bus.js";

/** The small processor on some hashboards. */
export interface BoardController {
  readonly kind: "framed" | "s9";
  /** @throws CONTROLLER_NO_ANSWER, CONTROLLER_BAD_ANSWER, I2C_... as all below */
  readVersion(): Promise<number>;
  /** Resets it and starts its application; resolves when it answers with its version. */
  start(): Promise<number>;
  setConverter(isOn: boolean): Promise<void>;
  /** Without it the controller opens the converter; send one at least every `heartbeatMs`. */
  heartbeat(): Promise<void>;
  readonly heartbeatMs: number;
  /** The bus behind it, for sensors. Undefined where it has none. */
  readonly sensors: I2cTransfers | undefined;
  /** Input of the board as the controller measures it, mV; undefined where it cannot. */
  readonly readVoltageMv: (() => Promise<number>) | undefined;
}
