import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { Turns } from "../../hal/turns.js";
import { hexNumber, toHex } from "../../lib/bytes.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import type { Logger } from "../../lib/logger.js";
import {
  buildFrame,
  type FrameRefusal,
  type FrameVersion,
  NOT_READY,
  parseFrame,
  PREAMBLE,
  UNCOUNTED_BYTES,
} from "./frame.js";

/** How frames reach a supply. */
export interface FrameWay {
  readonly version: FrameVersion;
  /**
   * `0x11`: each byte is a transfer of its own that names the register, also when it is read. Captured: S19 Pro.
   * `0x00`: as the S21 factory tool does it for version 1, with one 04 before the first frame and reads that name no
   * register. Inferred: not seen on hardware.
   */
  readonly register: 0x11 | 0x00;
}

export interface FrameTiming {
  /** Between the last byte of the request and the first of the reply. */
  readonly replyWaitMs: number;
  /** After each round. */
  readonly afterMs: number;
  /** Rounds with the whole request, until one is answered. */
  readonly tries: number;
}

export interface FrameLineOptions {
  readonly bus: I2cTransfers;
  readonly address: number;
  readonly way: FrameWay;
  readonly timing: FrameTiming;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface FrameRequest {
  readonly command: number;
  readonly payload?: Uint8Array;
  /** Lengths that the payload of the reply may have. */
  readonly replyBytes: readonly number[];
  /** Other than those of the line. */
  readonly tries?: number;
  /** Leaves the round once its request is whole; the next request starts with a new one. */
  readonly signal?: AbortSignal | undefined;
}

export type FrameReply =
  | { readonly ok: true; readonly payload: Uint8Array }
  | {
      readonly ok: false;
      readonly refusal: FrameRefusal | "nack";
      /** The supply took at least one whole request: it may have done what it was asked for. */
      readonly wasSent: boolean;
    };

const START_BYTE = 0x04;
const FRAME_BYTES_WITHOUT_PAYLOAD = 6;
const BUS_IDLE = 0xff;

/**
 * Request and reply with a supply. A round takes about two seconds: some 86 ms a written byte and 117 ms a read one
 * (captured: S19 Pro). Rounds wait for one another; others may use the bus between two bytes.
 */
export class FrameLine {
  readonly #options: FrameLineOptions;
  readonly #turns = new Turns();
  #isStarted = false;

  constructor(options: FrameLineOptions) {
    this.#options = options;
  }

  get version(): FrameVersion {
    return this.#options.way.version;
  }

  /** The payload of the reply. @throws PSU_NO_ANSWER; I2C_TIMEOUT, I2C_BUS_STUCK, I2C_UNAVAILABLE */
  async ask(request: FrameRequest): Promise<Uint8Array> {
    const reply = await this.request(request);
    if (reply.ok) return reply.payload;
    throw this.noAnswer(request.command, reply.refusal);
  }

  noAnswer(command: number, reason: string): MinerError {
    const { address } = this.#options;
    const facts = { address: hexNumber(address), command: hexNumber(command), reason };
    return new MinerError("PSU_NO_ANSWER", facts);
  }

  /**
   * As `ask`, with a missing answer as a value.
   * @throws I2C_TIMEOUT, I2C_BUS_STUCK, I2C_UNAVAILABLE when the last try ended so
   */
  request(request: FrameRequest): Promise<FrameReply> {
    return this.#turns.take(() => this.#tryRounds(request));
  }

  async #tryRounds(request: FrameRequest): Promise<FrameReply> {
    const { clock, timing, log } = this.#options;
    const { command, signal, tries = timing.tries } = request;
    let wasSent = false;
    for (let attempt = 1; ; attempt += 1) {
      const round = await this.#round(request, () => {
        wasSent = true;
      });
      await clock.sleep(timing.afterMs, signal);
      if (round.is === "reply") return { ok: true, payload: round.payload };
      const reason = round.is === "error" ? round.error.code : round.refusal;
      log.debug({ command: hexNumber(command), attempt, reason }, "supply does not answer");
      if (attempt < tries) continue;
      if (round.is === "refusal") return { ok: false, refusal: round.refusal, wasSent };
      if (round.error.code === "I2C_NACK") return { ok: false, refusal: "nack", wasSent };
      throw round.error;
    }
  }

  async #round(request: FrameRequest, onSent: () => void): Promise<Round> {
    const { clock, timing, way } = this.#options;
    const { command, payload, replyBytes, signal } = request;
    try {
      await this.#send(buildFrame(way.version, command, payload), signal);
      onSent();
      await clock.sleep(timing.replyWaitMs, signal);
      const bytes = await this.#receive(replyBytes, signal);
      const parsed = parseFrame(way.version, bytes, command);
      if (!parsed.ok) {
        this.#options.log.debug({ bytes: toHex(bytes) }, "bytes from the supply are no answer");
        return { is: "refusal", refusal: parsed.refusal };
      }
      if (!replyBytes.includes(parsed.payload.length)) return { is: "refusal", refusal: "length" };
      return { is: "reply", payload: parsed.payload };
    } catch (error) {
      if (isMinerError(error, "I2C_NACK", "I2C_TIMEOUT", "I2C_BUS_STUCK"))
        return { is: "error", error };
      throw error;
    }
  }

  async #send(frame: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    const { bus, address, way } = this.#options;
    const first = way.register === 0x00 && !this.#isStarted ? [START_BYTE] : [];
    signal?.throwIfAborted();
    // To its end: a supply that got half of one takes the next frame for the rest of it.
    for (const byte of [...first, ...frame]) {
      await bus.write(address, Uint8Array.of(way.register, byte));
    }
    this.#isStarted = true;
  }

  /** Reads no further where nothing is being said, and to the end of what may be an older reply. */
  async #receive(
    replyBytes: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const lengths = replyBytes.map((length) => length + FRAME_BYTES_WITHOUT_PAYLOAD);
    let expected = Math.max(...lengths);
    const bytes: number[] = [];
    while (bytes.length < expected) {
      signal?.throwIfAborted();
      bytes.push(await this.#readByte());
      const [first, second, len] = bytes;
      if (first === NOT_READY || first === BUS_IDLE) break;
      if (bytes.length !== PREAMBLE.length + 1 || len === undefined) continue;
      const told = len + UNCOUNTED_BYTES;
      if (first === PREAMBLE[0] && second === PREAMBLE[1] && lengths.includes(told))
        expected = told;
    }
    return Uint8Array.from(bytes);
  }

  async #readByte(): Promise<number> {
    const { bus, address, way } = this.#options;
    const [byte] = await (way.register === 0x00
      ? bus.read(address, 1)
      : bus.readRegister(address, way.register, 1));
    return byte ?? BUS_IDLE;
  }
}

type Round =
  | { readonly is: "reply"; readonly payload: Uint8Array }
  | { readonly is: "refusal"; readonly refusal: FrameRefusal }
  | { readonly is: "error"; readonly error: MinerError };
