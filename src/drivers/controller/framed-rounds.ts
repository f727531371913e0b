import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { hexNumber, toHex } from "../../lib/bytes.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import { replyData, replyLength, requestFrame } from "./framed-frames.js";

/** The waits of a command. */
export interface Pace {
  /** Between request and reply. */
  readonly waitMs: number;
  /** For replies that are missing or damaged. */
  readonly tries: number;
  /** Before a request is sent anew. */
  readonly restMs: number;
  /** After the reply, before anything else. */
  readonly settleMs?: number;
}

/** What a bus reads where nobody drives it, or a controller that has nothing to say. No reply begins so. */
const NOTHING: readonly number[] = [0xff, 0x00];
/** A reply that is late is asked for again before the whole request is. Inferred; the tools of the maker just wait. */
const LATE_STEP_MS = 50;
const LATE_STEPS = 4;
/** Preamble, and what the length byte can count. */
const LONGEST_FRAME_BYTES = 2 + 255;
/** A part that does not acknowledge is not there, or the line was disturbed: no use in a long rest. Inferred. */
const ABSENT_TRIES = 3;
const ABSENT_REST_MS = 100;

/** Requests and replies of one framed controller, a byte a transfer. */
export class FramedRounds {
  readonly #bus: I2cTransfers;
  readonly #address: number;
  readonly #clock: Clock;

  constructor(bus: I2cTransfers, address: number, clock: Clock) {
    this.#bus = bus;
    this.#address = address;
    this.#clock = clock;
  }

  get facts(): { readonly address: string } {
    return { address: hexNumber(this.#address) };
  }

  /**
   * The data of the reply.
   * @throws CONTROLLER_NO_ANSWER, with cause I2C_NACK when nobody is there; CONTROLLER_BAD_ANSWER; I2C_TIMEOUT,
   * I2C_BUS_STUCK
   */
  async ask(command: number, data: readonly number[], pace: Pace): Promise<Uint8Array> {
    for (let absences = 0, failures = 0; ;)
      try {
        const reply = await this.#round(command, requestFrame(command, data), pace.waitMs);
        if (pace.settleMs !== undefined) await this.#clock.sleep(pace.settleMs);
        return reply;
      } catch (error) {
        if (isMinerError(error, "I2C_NACK")) {
          absences++;
          if (absences === ABSENT_TRIES) throw this.#absent(command, error);
          await this.#clock.sleep(ABSENT_REST_MS);
        } else if (isMinerError(error, "CONTROLLER_NO_ANSWER", "CONTROLLER_BAD_ANSWER")) {
          failures++;
          if (failures === pace.tries) throw error;
          await this.#clock.sleep(pace.restMs);
        } else throw error;
      }
  }

  /**
   * Ends a frame of which a program that is gone, or noise, left the beginning: more zeros than the longest frame has
   * bytes. No frame begins with them. That controllers wait for the rest of a frame is inferred; for the S9's it is
   * documented, and its programs send zeros before a reset.
   */
  async endFrame(): Promise<void> {
    for (let sent = 0; sent < LONGEST_FRAME_BYTES; sent++)
      await this.#bus.write(this.#address, Uint8Array.of(0));
  }

  #absent(command: number, cause: unknown): MinerError {
    const facts = { ...this.facts, command: hexNumber(command), tries: ABSENT_TRIES };
    return new MinerError("CONTROLLER_NO_ANSWER", facts, { cause });
  }

  async #round(command: number, request: Uint8Array, waitMs: number): Promise<Uint8Array> {
    for (const value of request) await this.#bus.write(this.#address, Uint8Array.of(value));
    await this.#clock.sleep(waitMs);
    const first = await this.#firstByte(command);
    const length = replyLength(command, first) ?? 1;
    const reply = Uint8Array.of(first, ...new Uint8Array(length - 1));
    for (let at = 1; at < length; at++) reply[at] = await this.#readByte();
    const data = replyData(command, reply);
    if (data !== undefined) return data;
    throw new MinerError("CONTROLLER_BAD_ANSWER", {
      ...this.facts,
      requestHex: toHex(request),
      replyHex: toHex(reply),
    });
  }

  async #firstByte(command: number): Promise<number> {
    for (let step = 0; ; step++) {
      const value = await this.#readByte();
      if (!NOTHING.includes(value)) return value;
      if (step === LATE_STEPS)
        throw new MinerError("CONTROLLER_NO_ANSWER", {
          ...this.facts,
          command: hexNumber(command),
        });
      await this.#clock.sleep(LATE_STEP_MS);
    }
  }

  async #readByte(): Promise<number> {
    const [value = 0] = await this.#bus.read(this.#address, 1);
    return value;
  }
}
