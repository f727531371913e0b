/** A well-mixed 32-bit number made of two: the same inputs give the same number on every machine. */
export function hash32(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(b, 0xc2b2_ae35);
  h = Math.imul(h ^ (h >>> 16), 0x7feb_352d);
  h = Math.imul(h ^ (h >>> 15), 0x846c_a68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A stream of pseudo-random numbers that starts from a seed. */
export class SeededRandom {
  readonly #seed: number;
  #index = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** 0 <= x < 1. */
  next(): number {
    return hash32(this.#seed, this.#index++) / 0x1_0000_0000;
  }

  /** Whole number, 0 <= x < `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Normal distribution, mean 0, deviation 1. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}
