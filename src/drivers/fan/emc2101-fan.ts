import type { PwmOutput, Tach } from "../../hal/fan-hardware.js";
import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { hexNumber } from "../../lib/bytes.js";
import { MinerError } from "../../lib/errors.js";
import { EMC2101_IDENTITY } from "../sensor/emc2101.js";
import { PartRegisters } from "../sensor/part-registers.js";

/** Documented: ESP-Miner and Mujina, EMC2101 drivers. */
const REGISTER = {
  config: 0x03,
  tachLow: 0x46,
  tachHigh: 0x47,
  fanConfig: 0x4a,
  fanSetting: 0x4c,
} as const;
/** The pin is the input of the tach, not an alert. */
const CONFIG_TACH = 0x04;
/** The duty is what is set, not what a table makes of the temperature. Documented: as both drivers write it. */
const FAN_CONFIG_DIRECT = 0x23;
const FULL_SETTING = 63;
const RPM_CONSTANT = 5_400_000;
/** What the longest count gives: there is no fan, or it stands. */
const NO_FAN_RPM = 82;

/** The fan half of an EMC2101: one duty, one tach. It keeps the duty when the program dies. */
export class Emc2101Fan implements PwmOutput, Tach {
  readonly name: string;
  readonly #registers: PartRegisters;

  private constructor(name: string, registers: PartRegisters) {
    this.name = name;
    this.#registers = registers;
  }

  /**
   * Makes the part take duties and count pulses; the duty stays as it is.
   * @throws PWM_UNAVAILABLE when another part sits there; I2C_...
   */
  static async open(bus: I2cTransfers, address: number, name = "emc2101"): Promise<Emc2101Fan> {
    const registers = new PartRegisters(bus, address);
    const identity = await registers.readByte(EMC2101_IDENTITY.manufacturer);
    if (identity !== EMC2101_IDENTITY.value)
      throw new MinerError("PWM_UNAVAILABLE", {
        output: name,
        address: hexNumber(address),
        identity: hexNumber(identity),
      });
    const fan = new Emc2101Fan(name, registers);
    await fan.#setUp();
    return fan;
  }

  /** Rounded up: never slower than asked for. A part that lost its settings in a brown-out is set up anew. */
  async setDutyPct(dutyPct: number): Promise<void> {
    if (!(dutyPct >= 0 && dutyPct <= 100))
      throw new MinerError("FIELD_INVALID", { group: this.name, field: "dutyPct", dutyPct });
    const setting = Math.ceil((dutyPct * FULL_SETTING) / 100);
    await this.#named("PWM_FAILED", async () => {
      await this.#setUp();
      await this.#registers.writeByte(REGISTER.fanSetting, setting);
    });
  }

  async readDutyPct(): Promise<number> {
    const setting = await this.#named("PWM_FAILED", () =>
      this.#registers.readByte(REGISTER.fanSetting),
    );
    return ((setting & FULL_SETTING) * 100) / FULL_SETTING;
  }

  async readRpm(): Promise<number> {
    const count = await this.#named("TACH_FAILED", () => this.#readTach());
    const rpm = rpmFromEmc2101(count);
    return count === 0 || rpm <= NO_FAN_RPM ? 0 : rpm;
  }

  /** Nothing is held. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Writes only what reads back different. */
  async #setUp(): Promise<void> {
    const config = await this.#registers.readByte(REGISTER.config);
    if ((config & CONFIG_TACH) === 0)
      await this.#registers.writeByte(REGISTER.config, config | CONFIG_TACH);
    if ((await this.#registers.readByte(REGISTER.fanConfig)) !== FAN_CONFIG_DIRECT)
      await this.#registers.writeByte(REGISTER.fanConfig, FAN_CONFIG_DIRECT);
  }

  /** The low byte first: reading it holds the high one. Documented: Mujina. */
  async #readTach(): Promise<number> {
    const low = await this.#registers.readByte(REGISTER.tachLow);
    const high = await this.#registers.readByte(REGISTER.tachHigh);
    return (high << 8) | low;
  }

  async #named<Result>(
    code: "PWM_FAILED" | "TACH_FAILED",
    action: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await action();
    } catch (cause) {
      throw new MinerError(code, { output: this.name }, { cause });
    }
  }
}

/** Turns a minute from the count of the tach registers. Documented: ESP-Miner. */
export function rpmFromEmc2101(count: number): number {
  return Math.floor(RPM_CONSTANT / count);
}
