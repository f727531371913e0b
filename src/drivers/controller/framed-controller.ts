import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { Turns } from "../../hal/turns.js";
import { hexNumber, toHex } from "../../lib/bytes.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import type { BoardController } from "../board-controller.js";
import { FramedRounds, type Pace } from "./framed-rounds.js";
import { SensorPassage } from "./sensor-passage.js";

/** Commands of S17 to S19 controllers. 06, 07, 15, 16, 17 captured on an S19 Pro, 29 documented for the T17. */
const COMMAND = {
  startApplication: 0x06,
  reset: 0x07,
  converter: 0x15,
  heartbeat: 0x16,
  version: 0x17,
  boardVoltage: 0x29,
} as const;

/** Waits captured on an S19 Pro; tries and rests documented: miner of the S17. */
const SLOW: Pace = { waitMs: 300, tries: 3, restMs: 1000 };
const RESET: Pace = { waitMs: 300, tries: 3, restMs: 3000, settleMs: 500 };
const START: Pace = { waitMs: 300, tries: 3, restMs: 1000, settleMs: 600 };
/**
 * A heartbeat or a measurement that fails is followed by the next one: trying for long would keep sensors waiting. And who
 * acknowledges a probe is there, whatever it answers.
 */
const ONCE: Pace = { waitMs: 300, tries: 1, restMs: 0 };

/** Bitmain's tools send one every 10 s, LuxOS every 1.5 s; when the controller cuts is not known. Inferred: 1 s. */
const HEARTBEAT_MS = 1000;
/** Documented for the T17: volts = counts x 3.3 / 4096 x 7.6. That it holds on other boards is inferred. */
const MV_A_COUNT = (3300 / 4096) * 7.6;

/** The controller of S17, T17, S19 and hydro hashboards. Its commands take turns: it has one buffer for its reply. */
export class FramedController implements BoardController {
  readonly kind = "framed";
  readonly heartbeatMs = HEARTBEAT_MS;
  readonly sensors: I2cTransfers;
  readonly #rounds: FramedRounds;
  readonly #turns = new Turns();

  constructor(bus: I2cTransfers, address: number, clock: Clock) {
    this.#rounds = new FramedRounds(bus, address, clock);
    this.sensors = new SensorPassage(this.#rounds, this.#turns);
  }

  readVersion(): Promise<number> {
    return this.#readVersion(SLOW);
  }

  /**
   * Resets it, which opens the converter, and starts the application.
   * @throws CONTROLLER_IN_LOADER when it takes both commands and then has no version to tell; else as BoardController
   */
  async start(): Promise<number> {
    await this.#reset();
    await this.#ask(COMMAND.startApplication, [], START);
    try {
      return await this.#readVersion(SLOW);
    } catch (cause) {
      const isThere = isMinerError(cause, "CONTROLLER_NO_ANSWER", "CONTROLLER_BAD_ANSWER");
      if (!isThere || isAbsence(cause)) throw cause;
      throw new MinerError("CONTROLLER_IN_LOADER", this.#rounds.facts, { cause });
    }
  }

  /** One that says nothing to a first try may still wait for the rest of an older frame. */
  async #reset(): Promise<void> {
    try {
      await this.#ask(COMMAND.reset, [], { ...RESET, tries: 1 });
    } catch (error) {
      const isThere = isMinerError(error, "CONTROLLER_NO_ANSWER", "CONTROLLER_BAD_ANSWER");
      if (!isThere || isAbsence(error)) throw error;
      await this.#turns.take(() => this.#rounds.endFrame());
      await this.#ask(COMMAND.reset, [], RESET);
    }
  }

  async setConverter(isOn: boolean): Promise<void> {
    await this.#ask(COMMAND.converter, [isOn ? 1 : 0], SLOW);
  }

  /** Captured on an S19 Pro: a long reply with one byte, `06 16 01 00 00 1D`. A short one counts too. */
  async heartbeat(): Promise<void> {
    await this.#ask(COMMAND.heartbeat, [], ONCE);
  }

  /** Nine bytes, counts first, high byte first; what the other two data bytes are is not known. Documented for the T17. */
  readonly readVoltageMv = async (): Promise<number> => {
    const data = await this.#ask(COMMAND.boardVoltage, [], ONCE);
    const [high, low] = data;
    if (data.length !== 4 || high === undefined || low === undefined)
      throw new MinerError("CONTROLLER_BAD_ANSWER", {
        ...this.#rounds.facts,
        command: hexNumber(COMMAND.boardVoltage),
        dataHex: toHex(data),
      });
    return Math.round(((high << 8) | low) * MV_A_COUNT);
  };

  /**
   * Whether there is a controller: asks for its version, and writes nothing else, whatever is at the address. Undefined
   * when nobody acknowledges; version null when somebody does and tells none, as one that was not started.
   * @throws I2C_TIMEOUT, I2C_BUS_STUCK
   */
  async probe(): Promise<{ readonly version: number | null } | undefined> {
    try {
      return { version: await this.#readVersion(ONCE) };
    } catch (error) {
      if (isAbsence(error)) return undefined;
      if (isMinerError(error, "CONTROLLER_NO_ANSWER", "CONTROLLER_BAD_ANSWER"))
        return { version: null };
      throw error;
    }
  }

  async #readVersion(pace: Pace): Promise<number> {
    const data = await this.#ask(COMMAND.version, [], pace);
    const [version] = data;
    if (version === undefined || data.length !== 1)
      throw new MinerError("CONTROLLER_BAD_ANSWER", {
        ...this.#rounds.facts,
        command: hexNumber(COMMAND.version),
        dataHex: toHex(data),
      });
    return version;
  }

  #ask(command: number, data: readonly number[], pace: Pace): Promise<Uint8Array> {
    return this.#turns.take(() => this.#rounds.ask(command, data, pace));
  }
}

function isAbsence(error: unknown): boolean {
  return isMinerError(error, "CONTROLLER_NO_ANSWER") && isMinerError(error.cause, "I2C_NACK");
}
