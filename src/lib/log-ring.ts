/** Both decided: what somebody asks for after something went wrong, in memory that every board has. */
const MAX_LINES = 500;
const MAX_BYTES = 128 * 1024;

/** The newest lines of the log of this process, as they were written. */
export class LogRing {
  #lines: string[] = [];
  #bytes = 0;

  /** Oldest first, without their ends. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  write(text: string): void {
    const line = text.trimEnd();
    this.#lines.push(line);
    this.#bytes += line.length;
    while (this.#lines.length > MAX_LINES || this.#bytes > MAX_BYTES)
      this.#bytes -= this.#lines.shift()?.length ?? 0;
  }
}
