import type { Socket } from "node:net";
import type { Clock } from "../../lib/clock.js";
import { LineSplitter } from "./line-splitter.js";
import type { Transcript } from "./transcript.js";

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly clock: Clock;
  readonly transcript: Transcript | undefined;
  /** Gets every line and the clock time at which its end came in, ms. */
  readonly onLine: (line: string, atMs: number) => void;
  /** Called when a line is too long; the connection closes. */
  readonly onTooLong: () => void;
  /** Called once, whoever closed it. */
  readonly onClosed: () => void;
}

/** One TCP connection as lines. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #splitter = new LineSplitter();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket, transcript, onClosed } = options;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      this.#receive(chunk);
    });
    // A reset by the peer is an ordinary end here; "close" follows.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      transcript?.close();
      onClosed();
    });
  }

  /** Sends one JSON line; nothing happens when the connection is closed. */
  send(message: object): void {
    this.sendText(JSON.stringify(message));
  }

  /** Sends a line as it is; nothing happens when the connection is closed. */
  sendText(line: string): void {
    const { socket, clock, transcript } = this.#options;
    if (socket.destroyed) return;
    transcript?.add(clock.nowMs(), "<", line);
    socket.write(`${line}\n`);
  }

  close(): void {
    this.#options.socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    const { socket, clock, transcript, onLine, onTooLong } = this.#options;
    const atMs = clock.nowMs();
    const lines = this.#splitter.push(chunk);
    if (lines === undefined) {
      onTooLong();
      this.close();
      return;
    }
    for (const line of lines) {
      if (socket.destroyed) return;
      transcript?.add(atMs, ">", line);
      onLine(line, atMs);
    }
  }
}
