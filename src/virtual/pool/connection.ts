import type { Socket } from "node:net";
import type { Clock } from "../../lib/clock.js";
import { LineSplitter } from "./line-splitter.js";
import { resetSocket } from "./reset-socket.js";
import type { Transcript } from "./transcript.js";

export interface ConnectionOptions {
  /** What carries the lines: the TCP socket, or TLS over it. */
  readonly socket: Socket;
  /** The TCP socket itself. */
  readonly tcp: Socket;
  readonly clock: Clock;
  readonly transcript: Transcript | undefined;
  /** Gets every line and the clock time at which its end came in, ms. */
  readonly onLine: (line: string, atMs: number) => void;
  /** Gets the bytes of every line on their way out and hands on what shall be sent. */
  readonly onWrite: (bytes: Uint8Array, send: (bytes: Uint8Array) => void) => void;
  /** Called when a line is too long; the connection closes. */
  readonly onTooLong: () => void;
  /** Called once, whoever closed it. */
  readonly onClosed: () => void;
}

/** One connection as lines. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #splitter = new LineSplitter();
  #isFrozen = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket, tcp, transcript, onClosed } = options;
    tcp.setNoDelay(true);
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
    const { socket, clock, transcript, onWrite } = this.#options;
    if (socket.destroyed) return;
    transcript?.add(clock.nowMs(), "<", line);
    onWrite(Buffer.from(`${line}\n`), (bytes) => {
      this.sendBytes(bytes);
    });
  }

  /** Sends bytes that need not be a line. */
  sendBytes(bytes: Uint8Array): void {
    const { socket } = this.#options;
    if (!this.#isFrozen && !socket.destroyed && socket.writable) socket.write(bytes);
  }

  /** Neither reads nor writes any more. */
  freeze(): void {
    this.#isFrozen = true;
    this.stopReading();
  }

  stopReading(): void {
    this.#options.socket.pause();
  }

  close(): void {
    this.#options.socket.destroy();
  }

  /** Closes with a reset. */
  reset(): void {
    resetSocket(this.#options.tcp);
    this.close();
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
