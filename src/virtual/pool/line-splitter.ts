// Documented: ckpool drops a client whose line is longer than this.
const MAX_LINE_BYTES = 1024;

const NEWLINE = 0x0a;

/** Collects the bytes of one connection and gives them back as lines. */
export class LineSplitter {
  #rest: Uint8Array = new Uint8Array(0);

  /** The non-empty lines that `chunk` completes; undefined when a line is longer than 1024 bytes. */
  push(chunk: Uint8Array): readonly string[] | undefined {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const lines: string[] = [];
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if ((end < 0 ? bytes.length : end) - start > MAX_LINE_BYTES) return undefined;
      if (end < 0) break;
      const line = bytes.toString("utf8", start, end).trim();
      if (line !== "") lines.push(line);
      start = end + 1;
    }
    this.#rest = Uint8Array.from(bytes.subarray(start));
    return lines;
  }
}
