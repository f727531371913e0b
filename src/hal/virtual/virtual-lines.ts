import { MinerError, type ErrorCode } from "../../lib/errors.js";
import type { GpioInput, GpioOutput, Level } from "../gpio.js";
import type { VirtualSocket } from "./virtual-socket.js";

/** An input of the virtual machine. */
export class VirtualInput implements GpioInput {
  readonly name: string;
  readonly #socket: VirtualSocket;

  constructor(name: string, socket: VirtualSocket) {
    this.name = name;
    this.#socket = socket;
  }

  /** @throws GPIO_UNAVAILABLE */
  static async open(name: string, socket: VirtualSocket): Promise<VirtualInput> {
    await readLevel(name, socket, "GPIO_UNAVAILABLE");
    return new VirtualInput(name, socket);
  }

  read(): Promise<Level> {
    return readLevel(this.name, this.#socket, "GPIO_FAILED");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** An output of the virtual machine that is no FIFO. */
export class VirtualOutput implements GpioOutput {
  readonly name: string;
  readonly #socket: VirtualSocket;

  constructor(name: string, socket: VirtualSocket) {
    this.name = name;
    this.#socket = socket;
  }

  /** @throws GPIO_UNAVAILABLE */
  static async open(
    name: string,
    socket: VirtualSocket,
    initial: Level | "asIs",
  ): Promise<VirtualOutput> {
    const output = new VirtualOutput(name, socket);
    if (initial === "asIs") await readLevel(name, socket, "GPIO_UNAVAILABLE");
    else await output.#put(initial, "GPIO_UNAVAILABLE");
    return output;
  }

  write(level: Level): Promise<void> {
    return this.#put(level, "GPIO_FAILED");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #put(level: Level, code: ErrorCode): Promise<void> {
    const reply = await this.#socket.ask({ do: "gpioWrite", line: this.name, level });
    if (!reply.ok) throw new MinerError(code, { line: this.name, reason: reply.error });
  }
}

async function readLevel(line: string, socket: VirtualSocket, code: ErrorCode): Promise<Level> {
  const reply = await socket.ask({ do: "gpioRead", line });
  if (!reply.ok) throw new MinerError(code, { line, reason: reply.error });
  const level = reply["level"];
  if (level !== 0 && level !== 1)
    throw new MinerError(code, { line, reason: `level ${String(level)}` });
  return level;
}
