import type { I2cPart } from "../i2c/i2c-part.js";

const SIZE = 256;
const PAGE = 8;
/** Longest write cycle. Documented: AT24C02D data sheet; 4 to 5.5 ms a byte were captured on an S19 Pro. */
const WRITE_CYCLE_MS = 5;

/** Identity memory of a hashboard: 256 bytes that remember writing. */
export class At24c02 implements I2cPart {
  readonly image: Uint8Array;
  isSilent = false;
  #shown: Uint8Array | undefined;
  #pointer = 0;
  #busyUntilMs = -Infinity;
  #writes = 0;

  constructor(image: Uint8Array) {
    this.image = Uint8Array.from({ length: SIZE }, (_, at) => image[at] ?? 0xff);
  }

  /** Makes it read as something else than it holds; undefined ends that. */
  show(image: Uint8Array | undefined): void {
    this.#shown = image;
  }

  /** Bytes that were written; a product never writes any. */
  get writes(): number {
    return this.#writes;
  }

  write(bytes: Uint8Array, nowMs: number): boolean {
    if (this.isSilent || nowMs < this.#busyUntilMs) return false;
    const [address, ...data] = bytes;
    if (address === undefined) return true;
    this.#pointer = address;
    for (const byte of data) {
      this.image[this.#pointer] = byte;
      this.#writes++;
      // Writing wraps around in its page, reading in the whole memory.
      this.#pointer = (this.#pointer & ~(PAGE - 1)) | ((this.#pointer + 1) & (PAGE - 1));
    }
    if (data.length > 0) this.#busyUntilMs = nowMs + WRITE_CYCLE_MS;
    return true;
  }

  read(length: number, nowMs: number): Uint8Array | undefined {
    if (this.isSilent || nowMs < this.#busyUntilMs) return undefined;
    const image = this.#shown ?? this.image;
    const bytes = Uint8Array.from({ length }, (_, at) => image[(this.#pointer + at) % SIZE] ?? 0);
    this.#pointer = (this.#pointer + length) % SIZE;
    return bytes;
  }
}
