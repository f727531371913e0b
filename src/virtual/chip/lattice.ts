import { hash32 } from "../random.js";
import type { ChipFamily } from "./families.js";

/** Counters of one core: the low 25 bits of a nonce. Documented: fact sheet section 6.1. */
export const COUNTER_SPAN = 2 ** 25;

/**
 * Which of all the hashes of a job are really computed. On the virtual network one hash in 2^k stands for all of
 * them; these points say which. They belong to the job, not to a chip: whoever sweeps over a point finds what is
 * there, so that overlaps, repeats and re-sent jobs give the nonces they give on metal.
 */
export interface Lattice {
  /** A number that stands for the job in `collect`. */
  seedOf(header: Uint8Array): number;
  /** Adds the points of one version batch whose counter c has `fromCounter` <= c < `toCounter`, rising. */
  collect(
    jobSeed: number,
    batch: number,
    fromCounter: number,
    toCounter: number,
    points: PointList,
  ): void;
}

/**
 * Points of the counter space: the unit (core x sub-cores + sub-core) that meets each, and, filled in by the sweep, in
 * which batch of the epoch and when.
 */
export class PointList {
  counters = new Uint32Array(1024);
  units = new Uint16Array(1024);
  batches = new Uint32Array(1024);
  timesMs = new Float64Array(1024);
  count = 0;

  add(counter: number, unit: number): void {
    if (this.count === this.counters.length) this.#grow();
    this.counters[this.count] = counter;
    this.units[this.count++] = unit;
  }

  #grow(): void {
    const length = this.counters.length * 2;
    this.counters = grown(new Uint32Array(length), this.counters);
    this.units = grown(new Uint16Array(length), this.units);
    this.batches = grown(new Uint32Array(length), this.batches);
    this.timesMs = grown(new Float64Array(length), this.timesMs);
  }
}

/** The larger array with the items of the smaller one at its start. */
export function grown<Items extends Uint16Array | Uint32Array | Float64Array>(
  larger: Items,
  smaller: Items,
): Items {
  larger.set(smaller);
  return larger;
}

/**
 * One point every 2^shift hashes: per batch the counters offset + j x spacing, spacing = 2^shift / units, each met by
 * a unit drawn from (job, batch, j). A chip that sweeps n counters meets n / spacing of them on average, exactly.
 */
export class EvenLattice implements Lattice {
  readonly #spacing: number;
  readonly #units: number;

  constructor(family: ChipFamily, networkShift: number) {
    this.#units = family.cores * family.subCores;
    this.#spacing = 2 ** networkShift / this.#units;
  }

  seedOf(header: Uint8Array): number {
    let seed = 0;
    for (let at = 0; at < 76; at++) seed = (Math.imul(seed, 31) + (header[at] ?? 0)) | 0;
    return hash32(seed, header.length);
  }

  collect(
    jobSeed: number,
    batch: number,
    fromCounter: number,
    toCounter: number,
    points: PointList,
  ): void {
    const spacing = this.#spacing;
    const units = this.#units;
    const batchSeed = hash32(jobSeed, batch);
    const offset = (batchSeed / 0x1_0000_0000) * spacing;
    const end = Math.min(toCounter, COUNTER_SPAN);
    for (let j = Math.max(0, Math.floor((fromCounter - offset) / spacing)); ; j++) {
      const counter = Math.floor(offset + j * spacing);
      if (counter >= end) return;
      if (counter >= fromCounter)
        points.add(counter, Math.floor((hash32(batchSeed, j) / 0x1_0000_0000) * units));
    }
  }
}
