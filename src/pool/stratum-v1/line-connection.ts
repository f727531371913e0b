import { MinerError } from "../../lib/errors.js";
import type { Endpoint, Link, LinkSecurity, OpenLink } from "../transport/link.js";
import { LineReader } from "./line-reader.js";

// Decided: so much of a flood is handled before the event loop gets a turn; a chip or another pool
// must not wait for a pool that does not stop talking.
const LINES_PER_TURN = 128;
const BYTES_PER_TURN = 64 * 1024;

export interface LineListener {
  onConnect(): void;
  /**
   * Lines in order, at least one; in the turn of the read that completed them, unless a flood is spread
   * over turns: `hasMore` when others wait already.
   */
  onLines(lines: readonly string[], hasMore: boolean): void;
  /** The connection is over, once and last; not called after `close`. */
  onClose(error: MinerError): void;
}

/** Lines over a link, both ways. Reading pauses while lines wait, so that a flood stays in the network. */
export class LineConnection implements Pick<Link, "security" | "remote"> {
  readonly #endpoint: Endpoint;
  readonly #link: Link;
  readonly #listener: LineListener;
  readonly #reader = new LineReader();
  #waiting: readonly string[] = [];
  #isTooLong = false;
  /** Handled since the event loop last had a turn of its own. */
  #lines = 0;
  #bytes = 0;
  #nextTurn: NodeJS.Immediate | undefined;
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
    clearImmediate(this.#nextTurn);
    this.#waiting = [];
    this.#link.close();
  }

  #read(chunk: Uint8Array): void {
    if (this.#isOver) return;
    const { lines, isTooLong } = this.#reader.push(chunk);
    this.#waiting = this.#waiting.length === 0 ? lines : [...this.#waiting, ...lines];
    this.#isTooLong = isTooLong;
    this.#bytes += chunk.length;
    if (this.#nextTurn === undefined) this.#handOut();
  }

  /** Hands lines on; false when reading has to wait. */
  #handOut(): boolean {
    const lines = this.#waiting.slice(0, LINES_PER_TURN - this.#lines);
    this.#waiting = this.#waiting.slice(lines.length);
    this.#lines += lines.length;
    const hasMore = this.#waiting.length > 0;
    if (lines.length > 0) this.#listener.onLines(lines, hasMore);
    if (this.#isTooLong && !hasMore)
      this.#finish(new MinerError("POOL_PROTOCOL", { ...this.#endpoint, what: "line too long" }));
    if (this.#isOver) return false;
    const isDue = this.#lines >= LINES_PER_TURN || this.#bytes >= BYTES_PER_TURN;
    if (isDue) this.#giveWay();
    return !isDue;
  }

  /** Lets the event loop have a turn before anything more is handled. */
  #giveWay(): void {
    this.#link.setReading(false);
    this.#nextTurn = setImmediate(() => {
      this.#nextTurn = undefined;
      this.#lines = 0;
      this.#bytes = 0;
      if (this.#handOut()) this.#link.setReading(true);
    });
  }

  #finish(error: MinerError): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.onClose(error);
  }
}
