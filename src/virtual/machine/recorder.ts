import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { toHex } from "../../lib/bytes.js";

/** Text that may wait for a slow disk; beyond it bursts are left out and counted. */
const MAXIMUM_WAITING_BYTES = 16 * 1024 * 1024;

/** Writes both directions of one wire to a capture file. */
export class Recorder {
  readonly path: string;
  readonly #stream: WriteStream;
  readonly #startMs: number;
  #leftOut = 0;

  /** @param about facts for the first line, like `chip=BM1366 chips=77` */
  constructor(directory: string, chainIndex: number, about: string, nowMs: number) {
    mkdirSync(directory, { recursive: true });
    this.path = join(directory, `chain${String(chainIndex)}.capture`);
    this.#startMs = nowMs;
    this.#stream = createWriteStream(this.path);
    this.#stream.write(`# ${about} source=virtual\n`);
  }

  hostToChips(bytes: Uint8Array, nowMs: number): void {
    this.#write(">", bytes, nowMs);
  }

  chipsToHost(bytes: Uint8Array, nowMs: number): void {
    this.#write("<", bytes, nowMs);
  }

  /** Resolves when everything is in the file. */
  close(): Promise<void> {
    if (this.#leftOut > 0) this.#stream.write(`# ${String(this.#leftOut)} bursts left out\n`);
    return new Promise((resolve) => {
      this.#stream.end(resolve);
    });
  }

  #write(direction: "<" | ">", bytes: Uint8Array, nowMs: number): void {
    if (this.#stream.writableLength > MAXIMUM_WAITING_BYTES) {
      this.#leftOut++;
      return;
    }
    const seconds = ((nowMs - this.#startMs) / 1000).toFixed(6);
    this.#stream.write(`${seconds} ${direction} ${toHex(bytes)}\n`);
  }
}
