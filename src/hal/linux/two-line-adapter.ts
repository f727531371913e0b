import { hexNumber } from "../../lib/bytes.js";
import { MinerError, type ErrorCode } from "../../lib/errors.js";
import type { I2cAdapter } from "../i2c-adapter.js";
import {
  TWO_LINE_STATUS,
  type NativeTwoLineBus,
  type TwoLineResult,
  type TwoLineStatus,
} from "../native-gpio.js";
import { OneFlight } from "./one-flight.js";

const CODES: Readonly<Record<Exclude<TwoLineStatus, "ok">, ErrorCode>> = {
  nack: "I2C_NACK",
  stuck: "I2C_BUS_STUCK",
  clockHeld: "I2C_TIMEOUT",
  arbitrationLost: "I2C_BUS_STUCK",
  lineFailed: "I2C_UNAVAILABLE",
};

/** A bus on two GPIO lines, swung by the addon on a worker thread. */
export class TwoLineAdapter implements I2cAdapter {
  readonly #name: string;
  readonly #native: NativeTwoLineBus;
  readonly #flight: OneFlight;

  constructor(name: string, native: NativeTwoLineBus) {
    this.#name = name;
    this.#native = native;
    this.#flight = new OneFlight(
      () => new MinerError("I2C_BUS_STUCK", { bus: name, reason: "a transfer hangs" }),
    );
  }

  async transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    const result = await this.#flight.run(() => this.#native.transfer(address, write, readLength));
    return this.#checked(result, { address: hexNumber(address) });
  }

  async recover(): Promise<void> {
    await this.#flight.landed();
    const result = await this.#flight.run(() => this.#native.recover());
    const status = TWO_LINE_STATUS[result.status];
    // A clock that stays low cannot be freed by clocking.
    if (status === "clockHeld")
      throw new MinerError("I2C_BUS_STUCK", { bus: this.#name, reason: status });
    this.#checked(result, {});
  }

  async close(): Promise<void> {
    await this.#flight.landed();
    this.#native.close();
  }

  #checked({ status, read }: TwoLineResult, facts: { readonly address?: string }): Uint8Array {
    const reason = TWO_LINE_STATUS[status];
    if (reason === "ok") return read;
    const code = reason === undefined ? "INTERNAL" : CODES[reason];
    throw new MinerError(code, { bus: this.#name, ...facts, reason: reason ?? status });
  }
}
