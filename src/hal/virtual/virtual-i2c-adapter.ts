import { hexNumber, parseHex, toHex } from "../../lib/bytes.js";
import { MinerError, type ErrorCode } from "../../lib/errors.js";
import type { I2cAdapter } from "../i2c-adapter.js";
import type { VirtualRequest, VirtualSocket } from "./virtual-socket.js";

const CODES: Readonly<Record<string, ErrorCode>> = {
  nack: "I2C_NACK",
  stuck: "I2C_BUS_STUCK",
  deadline: "I2C_TIMEOUT",
};
/** The deadline of a transfer is kept by the bus; this one only tidies up after it. */
const TIDY_UP_MS = 60_000;

/** A bus of the virtual machine. */
export class VirtualI2cAdapter implements I2cAdapter {
  readonly #bus: string;
  readonly #socket: VirtualSocket;

  constructor(bus: string, socket: VirtualSocket) {
    this.#bus = bus;
    this.#socket = socket;
  }

  /** @throws I2C_UNAVAILABLE when the virtual machine has no such bus */
  static async open(bus: string, socket: VirtualSocket): Promise<VirtualI2cAdapter> {
    const adapter = new VirtualI2cAdapter(bus, socket);
    const reply = await socket.ask(adapter.#recovery());
    // A bus that is held low is there.
    if (!reply.ok && reply.error !== "stuck") throw adapter.#error(reply.error);
    return adapter;
  }

  async transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    const request = {
      do: "i2c",
      bus: this.#bus,
      address,
      write: toHex(write),
      read: readLength,
    };
    const reply = await this.#socket.ask(request, TIDY_UP_MS);
    if (!reply.ok) throw this.#error(reply.error, address);
    const read = typeof reply["read"] === "string" ? reply["read"] : "";
    const bytes = parseHex(read);
    if (bytes === undefined) throw this.#error("answer is not hex", address);
    return bytes;
  }

  async recover(): Promise<void> {
    const reply = await this.#socket.ask(this.#recovery());
    if (!reply.ok) throw this.#error(reply.error);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #recovery(): VirtualRequest {
    return { do: "i2cRecover", bus: this.#bus };
  }

  #error(reason: string, address?: number): MinerError {
    return new MinerError(CODES[reason] ?? "I2C_UNAVAILABLE", {
      bus: this.#bus,
      ...(address !== undefined && { address: hexNumber(address) }),
      reason,
    });
  }
}
