import { type Socket, connect } from "node:net";
import { LineReader } from "./line-reader.js";

/** Where a connection goes. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Opens a socket that will emit `connect`, `data`, `error` and `close`. */
export type SocketFactory = (endpoint: Endpoint) => Socket;

// As ESP-Miner: a link without traffic is probed after 60 s.
const KEEP_ALIVE_DELAY_MS = 60_000;

// Node's own 250 ms is shorter than a round trip over satellite.
const ADDRESS_ATTEMPT_MS = 2_500;

// A pool that does not read is cut off before its unread answers fill the memory.
const MAX_UNSENT_BYTES = 256 * 1024;

/** Plain TCP; every address that the name has now is tried, IPv6 and IPv4. */
export const openTcp: SocketFactory = ({ host, port }) =>
  connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
  });

export interface LineListener {
  onConnect(): void;
  /** The lines that one read completed, at least one; in the turn of that read. */
  onLines(lines: readonly string[]): void;
  /** The connection is over, once and last; not called after `close`. */
  onClose(reason: string): void;
}

/** Lines over a socket, both ways. */
export class LineConnection {
  readonly #socket: Socket;
  readonly #listener: LineListener;
  readonly #reader = new LineReader();
  #isOver = false;
  #reason = "closed by the pool";

  constructor(socket: Socket, listener: LineListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on("connect", () => {
      if (!this.#isOver) listener.onConnect();
    });
    socket.on("data", (chunk: Buffer) => {
      this.#read(chunk);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#reason = error.code ?? error.message;
    });
    socket.on("close", () => {
      this.#finish(this.#reason);
    });
  }

  /** Sends text in this turn. */
  write(text: string): void {
    if (this.#isOver) return;
    this.#socket.write(text);
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.#finish("the pool does not read");
  }

  /** Ends the connection; the listener hears nothing any more. */
  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #read(chunk: Uint8Array): void {
    if (this.#isOver) return;
    const { lines, isTooLong } = this.#reader.push(chunk);
    if (lines.length > 0) this.#listener.onLines(lines);
    if (isTooLong) this.#finish("line too long");
  }

  #finish(reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.onClose(reason);
  }
}
