import type { I2cTransfers } from "../../../../src/hal/i2c-bus.js";
import type { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";

/** What happens to a request, in the order of requests; after the last all is well. */
export type Mishap =
  /** The reply is there, but after it was asked for. */
  | "late"
  /** F5, and nothing is done. */
  | "refuse"
  /** F5, and the request is done all the same. */
  | "refuseYetApply"
  /** Echoes, and does nothing. */
  | "echoOnly"
  /** A byte of the reply goes missing. */
  | "dropByte"
  /** The sum has its bytes swapped. */
  | "swapSum"
  /** The reply is to another command. */
  | "otherCommand"
  /** The last byte of the request is not acknowledged. */
  | "nack"
  | "none";

/** One transfer as it was on the bus. */
export interface Transfer {
  readonly is: "write" | "read";
  readonly register: number | undefined;
  readonly data: number;
}

export interface ScriptedSupplyOptions {
  readonly clock: ManualClock;
  readonly version?: 1 | 2;
  /** Where frames are heard. */
  readonly register?: 0x11 | 0x00;
  readonly protocolByte?: number;
  /** Reply payloads by command, beside what the supply knows itself. */
  readonly replies?: Readonly<Record<number, readonly number[]>>;
}

const ADDRESS = 0x10;
const NOT_READY = 0xf5;
const WRITE_MS = 86;
const READ_MS = 117;
const SET_VOLTAGE = 0x83;
const WATCHDOG = 0x81;
const SETPOINT = 0x03;

/** A supply on a bus of its own, with the pace of a real one. Its frames are made here, not by the driver's code. */
export class ScriptedSupply implements I2cTransfers {
  readonly transfers: Transfer[] = [];
  /** Payloads of the requests that were done, by command. */
  readonly done: { readonly command: number; readonly payload: readonly number[] }[] = [];
  mishaps: Mishap[] = [];
  setpoint: readonly number[] = [0xff, 0x00];
  requests = 0;
  isPresent = true;
  readonly #options: ScriptedSupplyOptions;
  #request: number[] = [];
  #reply: number[] = [];
  #late: number[] = [];

  constructor(options: ScriptedSupplyOptions) {
    this.#options = options;
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    await this.#transfer(address, WRITE_MS);
    const [register, data = 0] = bytes;
    this.transfers.push({ is: "write", register, data });
    if (register === (this.#options.register ?? 0x11)) this.#take(data);
  }

  async read(address: number): Promise<Uint8Array> {
    await this.#transfer(address, READ_MS);
    return this.#give(undefined);
  }

  async readRegister(address: number, register: number): Promise<Uint8Array> {
    await this.#transfer(address, READ_MS);
    return this.#give(register);
  }

  async #transfer(address: number, ms: number): Promise<void> {
    if (!this.isPresent || address !== ADDRESS) throw new MinerError("I2C_NACK", { address });
    await this.#options.clock.sleep(ms);
  }

  #give(register: number | undefined): Uint8Array {
    const { protocolByte = NOT_READY, register: frames = 0x11 } = this.#options;
    const speaks = register === (frames === 0x11 ? 0x11 : undefined);
    const data = speaks ? (this.#reply.shift() ?? NOT_READY) : protocolByte;
    this.transfers.push({ is: "read", register, data });
    return Uint8Array.of(data);
  }

  #take(byte: number): void {
    // A new request is a new beginning, whatever was there before; what came too late is ready now.
    if (byte === 0x55 && this.#request.length === 0) {
      this.#reply = this.#late;
      this.#late = [];
    }
    this.#request.push(byte);
    if (this.#request[0] !== 0x55) this.#request = [];
    const length = (this.#request[2] ?? 0xff) + 2;
    if (this.#request.length < length) return;
    const request = this.#request;
    this.#request = [];
    this.requests += 1;
    this.#answer(request, this.mishaps.shift() ?? "none");
  }

  #answer(request: readonly number[], mishap: Mishap): void {
    if (mishap === "nack") throw new MinerError("I2C_NACK", { address: ADDRESS });
    const command = request[3]!;
    const payload = request.slice(4, -2);
    const isOurs = request.join() === this.#frame(command, payload).join();
    if (mishap === "refuse" || !isOurs) return;
    const reply = this.#do(command, payload, mishap !== "echoOnly");
    if (mishap === "refuseYetApply" || reply === undefined) return;
    const frame = this.#frame(mishap === "otherCommand" ? command ^ 1 : command, reply);
    if (mishap === "dropByte") frame.splice(4, 1);
    if (mishap === "swapSum") frame.push(...frame.splice(-2).reverse());
    if (mishap === "late") this.#late = frame;
    else this.#reply.push(...frame);
  }

  #do(
    command: number,
    payload: readonly number[],
    isApplied: boolean,
  ): readonly number[] | undefined {
    if (isApplied) this.done.push({ command, payload });
    if (command === SET_VOLTAGE && isApplied) this.setpoint = payload;
    if (command === SET_VOLTAGE || command === WATCHDOG) return payload;
    if (command === SETPOINT) return this.setpoint;
    return this.#options.replies?.[command];
  }

  #frame(command: number, payload: readonly number[]): number[] {
    const body = [payload.length + 4, command, ...payload];
    const weight = (at: number): number =>
      (this.#options.version ?? 1) === 2 && at % 2 === 1 ? 256 : 1;
    const sum = body.reduce((total, byte, at) => total + byte * weight(at), 0);
    return [0x55, 0xaa, ...body, sum & 0xff, (sum >> 8) & 0xff];
  }
}

/** Runs what needs time, while time passes. */
export async function inTime<Result>(
  clock: ManualClock,
  work: Promise<Result>,
  limitMs = 120_000,
): Promise<Result> {
  const state = { isDone: false };
  const settled = work.finally(() => {
    state.isDone = true;
  });
  settled.catch(() => undefined);
  const endMs = clock.nowMs() + limitMs;
  while (!state.isDone && clock.nowMs() < endMs) await clock.advance(50);
  return settled;
}
