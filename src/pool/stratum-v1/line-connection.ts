import { MinerError } from "../../lib/errors.js";
import type { Endpoint, Link, LinkSecurity, OpenLink } from "../transport/link.js";
import { LineReader } from "./line-reader.js";

export interface LineListener {
  onConnect(): void;
  /** The lines that one read completed, at least one; in the turn of that read. */
  onLines(lines: readonly string[]): void;
  /** The connection is over, once and last; not called after `close`. */
  onClose(error: MinerError): void;
}

/** Lines over a link, both ways. */
export class LineConnection {
  readonly #endpoint: Endpoint;
  readonly #link: Link;
  readonly #listener: LineListener;
  readonly #reader = new LineReader();
  #isOver = false;

  /** Starts to connect. */
  constructor(openLink: OpenLink, endpoint: Endpoint, listener: LineListener) {
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#link = openLink(endpoint, {
      onOpen: () => {
        if (!this.#isOver) listener.onConnect();
      },
      onData: (chunk) => {
        this.#read(chunk);
      },
      onClose: (error) => {
        this.#finish(error);
      },
    });
  }

  get security(): LinkSecurity {
    return this.#link.security;
  }

  /** Where the bytes go, once connected. */
  get remote(): Endpoint | undefined {
    return this.#link.remote;
  }

  /** Sends text in this turn. */
  write(text: string): void {
    if (this.#isOver || this.#link.write(text)) return;
    const reason = "the pool does not read";
    this.#finish(new MinerError("POOL_UNREACHABLE", { ...this.#endpoint, reason }));
  }

  /** Ends the connection; the listener hears nothing any more. */
  close(): void {
    this.#isOver = true;
    this.#link.close();
  }

  #read(chunk: Uint8Array): void {
    if (this.#isOver) return;
    const { lines, isTooLong } = this.#reader.push(chunk);
    if (lines.length > 0) this.#listener.onLines(lines);
    if (isTooLong)
      this.#finish(new MinerError("POOL_PROTOCOL", { ...this.#endpoint, what: "line too long" }));
  }

  #finish(error: MinerError): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.onClose(error);
  }
}
