import { connect, type Socket } from "node:net";
import type { PoolLine } from "../raw-miner.js";

/** Requests of a whole opening, as text, with ids 1 to 3. */
export const OPENING =
  '{"id":1,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"1fffe000"}]}\n' +
  '{"id":2,"method":"mining.subscribe","params":["plain/1"]}\n' +
  '{"id":3,"method":"mining.authorize","params":["w","x"]}\n';

/** A socket and the bytes that came; nothing is expected of them. */
export class PlainClient {
  readonly socket: Socket;
  /** Sizes of the pieces in which the bytes came. */
  readonly pieces: number[] = [];
  /** Resolves when the connection is over: "reset", or "end" for a proper one. */
  readonly over: Promise<"reset" | "end">;
  #bytes = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  constructor(port: number, host = "127.0.0.1") {
    this.socket = connect(port, host);
    this.socket.setNoDelay(true);
    this.socket.on("data", (chunk) => {
      this.pieces.push(chunk.length);
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    let wasReset = false;
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      wasReset = error.code === "ECONNRESET" || error.code === "EPIPE";
    });
    this.over = new Promise((resolve) => {
      this.socket.once("close", () => {
        resolve(wasReset ? "reset" : "end");
      });
    });
  }

  /** Connects and says the opening. */
  static open(port: number): PlainClient {
    const client = new PlainClient(port);
    client.write(OPENING);
    return client;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get text(): string {
    return this.#bytes.toString("utf8");
  }

  /** Whole lines that are JSON. */
  get lines(): readonly PoolLine[] {
    const whole = this.text.split("\n").slice(0, -1);
    return whole.flatMap((line) => {
      try {
        return [JSON.parse(line) as PoolLine];
      } catch {
        return [];
      }
    });
  }

  notifications(method: string): readonly (readonly unknown[])[] {
    return this.lines.filter((line) => line.method === method).map(({ params = [] }) => params);
  }

  write(text: string): void {
    this.socket.write(text);
  }

  call(id: number, method: string, params: readonly unknown[]): void {
    this.write(`${JSON.stringify({ id, method, params })}\n`);
  }

  /** Resolves when what came fits. */
  async until(fits: (client: this) => boolean): Promise<void> {
    while (!fits(this))
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  /** Resolves when the text has come. */
  untilText(text: string): Promise<void> {
    return this.until((client) => client.text.includes(text));
  }
}
