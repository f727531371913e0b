import { createHash } from "node:crypto";
import { hash32 } from "../random.js";
import type { HeldJob, VirtualChip } from "./chip.js";
import { grown, PointList, type Lattice } from "./lattice.js";
import { versionCount } from "./registers.js";
import { collectSwept } from "./sweep.js";

/**
 * Indexes, rising, of the headers whose SHA-256d is at or below a target: the header with `versions[i]` and
 * `nonces[i]` (the four nonce bytes read as a big-endian number) for each i below `count`.
 */
export type NonceSearch = (
  header: Uint8Array,
  versions: Uint32Array,
  nonces: Uint32Array,
  count: number,
  targetLe: Uint8Array,
) => Uint32Array;

/** A nonce that a chip reports. */
export interface FoundNonce {
  readonly chipIndex: number;
  /** On the clock of the simulation. */
  readonly atMs: number;
  readonly nonceMsbFirst: number;
  readonly versionField: number;
  readonly subCore: number;
  readonly excessByte: number;
  readonly jobByte: number;
  /** True when the chip made an arithmetic error: the header does not hash as claimed. */
  readonly isWrong: boolean;
}

const SHA256_BITS = 256;

/** Finds what the chips of one chain find while they sweep. */
export class NonceFinder {
  readonly #lattice: Lattice;
  readonly #search: NonceSearch;
  readonly #networkShift: number;
  readonly #points = new PointList();
  #versions = new Uint32Array(4096);
  #nonces = new Uint32Array(4096);
  #chipIndexes = new Uint16Array(4096);
  #versionIndexes = new Uint16Array(4096);
  #timesMs = new Float64Array(4096);
  #count = 0;
  #hashed = 0;

  constructor(lattice: Lattice, search: NonceSearch, networkShift: number) {
    this.#lattice = lattice;
    this.#search = search;
    this.#networkShift = networkShift;
  }

  /** Headers really hashed so far. */
  get hashed(): number {
    return this.#hashed;
  }

  /** What the chips find from `fromMs` (inclusive) to `toMs` (exclusive), in the order of time. */
  find(chips: readonly VirtualChip[], fromMs: number, toMs: number): FoundNonce[] {
    const found: FoundNonce[] = [];
    let groupChip: VirtualChip | undefined;
    for (let chipIndex = 0; chipIndex < chips.length; chipIndex++) {
      const chip = chips[chipIndex];
      if (chip?.sweep === undefined) continue;
      if (
        groupChip !== undefined &&
        (groupChip.job !== chip.job || groupChip.ticketExtraBits !== chip.ticketExtraBits)
      )
        this.#finish(chips, groupChip, found);
      groupChip = chip;
      this.#collect(chipIndex, chip, fromMs, toMs);
    }
    if (groupChip !== undefined) this.#finish(chips, groupChip, found);
    return found.sort((a, b) => a.atMs - b.atMs);
  }

  #collect(chipIndex: number, chip: VirtualChip, fromMs: number, toMs: number): void {
    const { job, sweep, reporting, versionMask } = chip;
    if (job === undefined || sweep === undefined) return;
    const { subCores } = chip.family;
    const versions = versionCount(versionMask);
    const points = this.#points;
    points.count = 0;
    collectSwept(this.#lattice, job.seed, sweep, fromMs, toMs, points);
    this.#reserve(points.count);
    for (let i = 0; i < points.count; i++) {
      const unit = points.units[i] ?? 0;
      if (reporting[unit] === 0) continue;
      const core = Math.floor(unit / subCores);
      const versionIndex = (points.batches[i] ?? 0) * subCores + (unit - core * subCores);
      // With fewer versions than sub-cores the others have nothing to do.
      if (versionIndex >= versions) continue;
      const at = this.#count++;
      this.#versions[at] = job.version | (spreadBits(versionIndex, versionMask) << 13);
      this.#nonces[at] = (core << 25) | (points.counters[i] ?? 0);
      this.#chipIndexes[at] = chipIndex;
      this.#versionIndexes[at] = versionIndex;
      this.#timesMs[at] = points.timesMs[i] ?? 0;
    }
  }

  /** Hashes the points of chips that hold the same job and look for the same target. */
  #finish(chips: readonly VirtualChip[], groupChip: VirtualChip, found: FoundNonce[]): void {
    const { job } = groupChip;
    const count = this.#count;
    this.#count = 0;
    if (job === undefined || count === 0) return;
    this.#hashed += count;
    const zeroBits = Math.max(0, 32 - this.#networkShift + groupChip.ticketExtraBits);
    const hits = this.#search(
      job.header,
      this.#versions,
      this.#nonces,
      count,
      targetOfZeroBits(zeroBits),
    );
    for (const at of hits) {
      const chipIndex = this.#chipIndexes[at] ?? 0;
      const chip = chips[chipIndex];
      if (chip !== undefined) found.push(this.#report(chip, chipIndex, job, at, zeroBits));
    }
  }

  #report(
    chip: VirtualChip,
    chipIndex: number,
    job: HeldJob,
    at: number,
    zeroBits: number,
  ): FoundNonce {
    const nonce = this.#nonces[at] ?? 0;
    const version = this.#versions[at] ?? 0;
    const versionIndex = this.#versionIndexes[at] ?? 0;
    const luck = hash32(hash32(nonce, version), chipIndex);
    const isWrong = luck / 0x1_0000_0000 < chip.silicon.errorShare;
    return {
      chipIndex,
      atMs: this.#timesMs[at] ?? 0,
      nonceMsbFirst: isWrong ? (nonce ^ (1 << (luck & 7))) >>> 0 : nonce,
      versionField: spreadBits(versionIndex, chip.versionMask),
      subCore: versionIndex % chip.family.subCores,
      excessByte: excessByte(
        digestOf(job.header, version, nonce),
        zeroBits,
        chip.family.excessSteps,
      ),
      jobByte: job.jobByte,
      isWrong,
    };
  }

  #reserve(more: number): void {
    const needed = this.#count + more;
    if (needed <= this.#nonces.length) return;
    const length = 2 ** Math.ceil(Math.log2(needed));
    this.#versions = grown(new Uint32Array(length), this.#versions);
    this.#nonces = grown(new Uint32Array(length), this.#nonces);
    this.#chipIndexes = grown(new Uint16Array(length), this.#chipIndexes);
    this.#versionIndexes = grown(new Uint16Array(length), this.#versionIndexes);
    this.#timesMs = grown(new Float64Array(length), this.#timesMs);
  }
}

/** Largest hash with this many leading zero bits, 32 bytes, little-endian number. */
function targetOfZeroBits(zeroBits: number): Uint8Array {
  const target = new Uint8Array(32);
  for (let bit = 0; bit < SHA256_BITS - zeroBits; bit++)
    target[bit >> 3] = (target[bit >> 3] ?? 0) | (1 << (bit & 7));
  return target;
}

/** The bits of `index`, lowest first, put where `mask` has ones. Whether metal skips masked versions: inferred. */
function spreadBits(index: number, mask: number): number {
  if (mask === 0xffff) return index;
  let result = 0;
  let rest = index;
  for (let bit = 0; rest !== 0 && bit < 16; bit++) {
    if (((mask >> bit) & 1) === 0) continue;
    result |= (rest & 1) << bit;
    rest >>>= 1;
  }
  return result;
}

function digestOf(header: Uint8Array, version: number, nonceMsbFirst: number): Uint8Array {
  const whole = new Uint8Array(header);
  const view = new DataView(whole.buffer);
  view.setUint32(0, version, true);
  view.setUint32(76, nonceMsbFirst);
  return sha256(sha256(whole));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

/**
 * How far a hash beats the ticket mask, in whole or half bits. Captured for the whole bits. The lower of the two
 * half-bit values goes with a zero after the leading one, as in the one verified capture of a BM1370: inferred.
 */
function excessByte(digest: Uint8Array, zeroBits: number, steps: 1 | 2): number {
  const bitAt = (index: number): number =>
    ((digest[31 - (index >> 3)] ?? 0) >> (7 - (index & 7))) & 1;
  let leading = 0;
  while (leading < SHA256_BITS && bitAt(leading) === 0) leading++;
  const excess = leading - zeroBits;
  return (steps === 1 ? excess : 2 * excess + bitAt(leading + 1)) & 0xff;
}
