import { createHash } from "node:crypto";

/** A stream of bytes that a seed fixes, so that a run with the same seed gets the same jobs. */
export class SeededRandom {
  readonly #seed: string;
  #block = 0;
  #pool: Uint8Array = new Uint8Array(0);

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** The next `count` bytes of the stream. */
  bytes(count: number): Uint8Array {
    while (this.#pool.length < count) {
      const text = `${this.#seed}:${String(this.#block++)}`;
      this.#pool = Buffer.concat([this.#pool, createHash("sha256").update(text).digest()]);
    }
    const taken = this.#pool.subarray(0, count);
    this.#pool = this.#pool.subarray(count);
    return taken;
  }

  /** An integer of `min` to `max`, both included. */
  integer(min: number, max: number): number {
    const draw = new DataView(Uint8Array.from(this.bytes(4)).buffer).getUint32(0);
    return min + Math.floor((draw / 2 ** 32) * (max - min + 1));
  }
}
