const NEWLINE = 0x0a;

// Decided: real lines reach about 40 kB; a longer one than this ends the session.
const MAX_LINE_BYTES = 1024 * 1024;

const INITIAL_BYTES = 4096;

// A buffer that one long line made larger than this is given back.
const KEPT_BYTES = 64 * 1024;

export interface ReadLines {
  /** Complete lines without their end; blank ones are left out. */
  readonly lines: readonly string[];
  /** A line went beyond the limit: nothing after `lines` can be trusted, close the connection. */
  readonly isTooLong: boolean;
}

/**
 * Cuts a byte stream into lines. Bytes are collected and cut before they are decoded, as a read can end
 * inside a UTF-8 character. A line is given whole or not at all.
 */
export class LineReader {
  readonly #maxLineBytes: number;
  #buffer = new Uint8Array(INITIAL_BYTES);
  #pendingBytes = 0;
  #isTooLong = false;

  constructor(maxLineBytes = MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Bytes of the line that is not complete yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Takes the bytes of one read. */
  push(chunk: Uint8Array): ReadLines {
    const lines: string[] = [];
    let start = 0;
    while (!this.#isTooLong && start < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline < 0 ? chunk.length : newline;
      if (this.#pendingBytes + (end - start) > this.#maxLineBytes) {
        this.#isTooLong = true;
        break;
      }
      if (newline < 0) {
        this.#keep(chunk.subarray(start));
        break;
      }
      const line = this.#complete(chunk.subarray(start, end)).trim();
      if (line !== "") lines.push(line);
      start = newline + 1;
    }
    return { lines, isTooLong: this.#isTooLong };
  }

  #complete(tail: Uint8Array): string {
    if (this.#pendingBytes === 0) return decode(tail);
    this.#keep(tail);
    const line = decode(this.#buffer.subarray(0, this.#pendingBytes));
    this.#pendingBytes = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = new Uint8Array(INITIAL_BYTES);
    return line;
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#pendingBytes + bytes.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, this.#pendingBytes));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#pendingBytes);
    this.#pendingBytes = needed;
  }
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}
