/**
 * Collects bytes and gives out whole lines. A line longer than `maxBytes` throws RangeError: it is not cut.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(maxBytes = 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that `bytes` complete, without line ends and without blank lines. */
  push(bytes: Uint8Array): string[] {
    let rest = Buffer.concat([this.#rest, bytes]);
    const lines: string[] = [];
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString("utf8").trim();
      if (line !== "") lines.push(line);
      rest = rest.subarray(end + 1);
    }
    if (rest.length > this.#maxBytes)
      throw new RangeError(`a line is longer than ${String(this.#maxBytes)} bytes`);
    this.#rest = rest;
    return lines;
  }
}
