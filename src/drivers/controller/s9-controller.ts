import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { Turns } from "../../hal/turns.js";
import { hexNumber } from "../../lib/bytes.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import type { BoardController } from "../board-controller.js";
import { s9VoltageMv, s9VoltageN } from "./s9-voltage.js";

/** Documented: published sources of the S9's stock firmware and of Braiins. Flash is only read. */
const COMMAND = {
  flush: 0x00,
  setFlashPointer: 0x01,
  readFlash: 0x03,
  startApplication: 0x06,
  reset: 0x07,
  setVoltage: 0x10,
  converter: 0x15,
  heartbeat: 0x16,
  version: 0x17,
  getVoltage: 0x18,
  readSensorOffsets: 0x23,
} as const;
const PREAMBLE = [0x55, 0xaa] as const;

/** Documented: Braiins. */
const COMMAND_MS = 100;
const RESET_MS = 500;
const BYTE_TRIES = 15;
const BYTE_REST_MS = 100;
const HEARTBEAT_MS = 1000;
const FLUSH_ZEROS = 16;
const FLASH_READ_BYTES = 16;
const SENSOR_OFFSET_BYTES = 8;
/** Documented: the stock firmware writes the program anew when the version is another one. */
const VERSION = 0x03;

/**
 * The controller of an S9 hashboard, which makes the chips' voltage too. No length, no checksum: what it answers is
 * believed only where it can be compared. It sits at 0x55 to 0x57, so it needs a bus that was opened for that.
 */
export class S9Controller implements BoardController {
  readonly kind = "s9";
  readonly heartbeatMs = HEARTBEAT_MS;
  readonly sensors = undefined;
  readonly readVoltageMv = undefined;
  readonly #bus: I2cTransfers;
  readonly #address: number;
  readonly #clock: Clock;
  readonly #turns = new Turns();

  constructor(bus: I2cTransfers, address: number, clock: Clock) {
    this.#bus = bus;
    this.#address = address;
    this.#clock = clock;
  }

  async readVersion(): Promise<number> {
    return byteOf(await this.#command([COMMAND.version], 1));
  }

  /**
   * @throws CONTROLLER_IN_LOADER when it tells another version than that of its program; else as BoardController
   */
  async start(): Promise<number> {
    // A half-received command would swallow the reset: the controller does not look for the preamble again.
    await this.#command([COMMAND.flush, ...new Uint8Array(FLUSH_ZEROS)]);
    await this.#command([COMMAND.reset], 0, RESET_MS);
    await this.#command([COMMAND.startApplication]);
    const version = await this.readVersion();
    if (version === VERSION) return version;
    throw new MinerError("CONTROLLER_IN_LOADER", {
      address: hexNumber(this.#address),
      version: hexNumber(version),
      expected: hexNumber(VERSION),
    });
  }

  async setConverter(isOn: boolean): Promise<void> {
    await this.#command([COMMAND.converter, isOn ? 1 : 0]);
  }

  async heartbeat(): Promise<void> {
    await this.#command([COMMAND.heartbeat]);
  }

  /**
   * Sets the voltage of the chips and compares what is read back.
   * @returns the nearest voltage that it can make, mV
   * @throws PSU_VOLTAGE_OUT_OF_RANGE before anything is sent; CONTROLLER_BAD_ANSWER when it holds another one
   */
  async setVoltage(railMv: number): Promise<number> {
    const n = s9VoltageN(railMv);
    await this.#command([COMMAND.setVoltage, n]);
    const read = byteOf(await this.#command([COMMAND.getVoltage], 1));
    if (read === n) return s9VoltageMv(n);
    const address = hexNumber(this.#address);
    throw new MinerError("CONTROLLER_BAD_ANSWER", { address, wantedN: n, readN: read });
  }

  /** What was set, mV. */
  async readSetpointMv(): Promise<number> {
    return s9VoltageMv(byteOf(await this.#command([COMMAND.getVoltage], 1)));
  }

  /** What the stock firmware found out about the board's sensors; what each byte means is not known here. */
  readSensorOffsets(): Promise<Uint8Array> {
    return this.#command([COMMAND.readSensorOffsets], SENSOR_OFFSET_BYTES);
  }

  /** 16 bytes of its flash; only in the loader, between a reset and the start. @param word address of a word */
  readFlash(word: number): Promise<Uint8Array> {
    return this.#turns.take(async () => {
      await this.#send([COMMAND.setFlashPointer, word >> 8, word & 0xff], COMMAND_MS);
      await this.#send([COMMAND.readFlash], COMMAND_MS);
      return await this.#receive(FLASH_READ_BYTES);
    });
  }

  #command(bytes: readonly number[], answerBytes = 0, waitMs = COMMAND_MS): Promise<Uint8Array> {
    return this.#turns.take(async () => {
      await this.#send(bytes, waitMs);
      return await this.#receive(answerBytes);
    });
  }

  async #send(bytes: readonly number[], waitMs: number): Promise<void> {
    for (const value of [...PREAMBLE, ...bytes])
      await this.#retried(() => this.#bus.write(this.#address, Uint8Array.of(value)));
    await this.#clock.sleep(waitMs);
  }

  async #receive(count: number): Promise<Uint8Array> {
    const answer = new Uint8Array(count);
    for (let at = 0; at < count; at++)
      answer[at] = byteOf(await this.#retried(() => this.#bus.read(this.#address, 1)));
    return answer;
  }

  async #retried<Result>(transfer: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++)
      try {
        return await transfer();
      } catch (cause) {
        if (!isMinerError(cause, "I2C_NACK")) throw cause;
        if (attempt === BYTE_TRIES)
          throw new MinerError(
            "CONTROLLER_NO_ANSWER",
            { address: hexNumber(this.#address), tries: BYTE_TRIES },
            { cause },
          );
        await this.#clock.sleep(BYTE_REST_MS);
      }
  }
}

function byteOf([value = 0]: Uint8Array): number {
  return value;
}
