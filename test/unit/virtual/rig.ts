import { createHash } from "node:crypto";
import type { Lattice } from "../../../src/virtual/chip/lattice.js";
import type { NonceSearch } from "../../../src/virtual/chip/nonce-finder.js";
import { crc16, crc5 } from "../../../src/virtual/codec/crc.js";
import { VirtualChain, type VirtualChainSpec } from "../../../src/virtual/chain/virtual-chain.js";

/** An answer as the host reads it, without a check of its CRC beyond the residue. */
export interface Answer {
  readonly atMs: number;
  readonly frame: Uint8Array;
  readonly isNonce: boolean;
  /** First four bytes: register value, or nonce read most significant byte first. */
  readonly word: number;
  readonly byte6: number;
  readonly byte7: number;
  readonly versionField: number;
}

export const RESET_BAUD = 25e6 / (8 * 27);
export const PLL_550_MHZ = 0x40b0_0230;
export const PLL_600_MHZ = 0x50c0_0230;
export const ROLL_ALL = 0x9000_ffff;

/** Double SHA-256 by Node: the virtual machine without its addon. */
export const searchWithNode: NonceSearch = (header, versions, nonces, count, targetLe) => {
  const target = Buffer.from(targetLe).reverse();
  const whole = Buffer.from(header);
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    whole.writeUInt32LE(versions[i] ?? 0, 0);
    whole.writeUInt32BE(nonces[i] ?? 0, 76);
    if (Buffer.compare(sha256d(whole).reverse(), target) <= 0) found.push(i);
  }
  return Uint32Array.from(found);
};

/** For tests that only count: nothing is ever found. */
export const searchNothing: NonceSearch = () => new Uint32Array();

export function sha256d(bytes: Uint8Array): Buffer {
  const once = createHash("sha256").update(bytes).digest();
  return createHash("sha256").update(once).digest();
}

/** Zero bits at the start of a hash as it is printed. */
export function leadingZeroBits(digest: Uint8Array): number {
  const hex = Buffer.from(digest).reverse().toString("hex");
  return BigInt(`0x1${hex}`).toString(2).slice(1).indexOf("1");
}

export function command(header: number, ...payload: readonly number[]): Uint8Array {
  const body = Uint8Array.of(header, payload.length + 3, ...payload);
  return Uint8Array.of(0x55, 0xaa, ...body, crc5(body));
}

export function write(register: number, value: number, address?: number): Uint8Array {
  const bytes = [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
  return command(address === undefined ? 0x51 : 0x41, address ?? 0, register, ...bytes);
}

export const READ_IDS = command(0x52, 0, 0);
export const CHAIN_INACTIVE = command(0x53, 0, 0);

/** A job whose header depends on `seed` alone. */
export function jobFrame(jobByte: number, seed = 1): Uint8Array {
  const frame = new Uint8Array(88);
  frame.set([0x55, 0xaa, 0x21, 0x56, jobByte, 1]);
  for (let at = 10; at < 82; at++) frame[at] = (at * 7 + seed * 13) & 0xff;
  frame.set([0x00, 0x00, 0x00, 0x20], 82);
  new DataView(frame.buffer).setUint16(86, crc16(frame.subarray(2, 86)));
  return frame;
}

/** The header that an answer to a job means. */
export function answeredHeader(job: Uint8Array, answer: Answer): Buffer {
  const words = (from: number): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, at) => job[from + 28 - (at & ~3) + (at & 3)] ?? 0);
  const header = Buffer.alloc(80);
  const view = Buffer.from(job);
  header.writeUInt32LE((view.readUInt32LE(82) | (answer.versionField << 13)) >>> 0, 0);
  header.set(words(50), 4);
  header.set(words(18), 36);
  header.set(job.subarray(14, 18), 68);
  header.set(job.subarray(10, 14), 72);
  header.writeUInt32BE(answer.word, 76);
  return header;
}

export interface RigOptions extends Partial<VirtualChainSpec> {
  readonly networkShift?: number;
  readonly search?: NonceSearch;
  readonly lattice?: Lattice;
}

/** A chain with a host at its wires and a clock that is moved by hand. */
export class Rig {
  readonly chain: VirtualChain;
  nowMs = 0;
  /** Rate at which the host sends and listens. */
  hostBaud = 115_200;
  /** Bytes that the host takes at a time. */
  hostTakes = Infinity;
  readonly received: number[] = [];
  #arrivals: { readonly at: number; readonly atMs: number }[] = [];

  constructor(options: RigOptions = {}) {
    const { networkShift = 28, search = searchWithNode, lattice, ...spec } = options;
    this.chain = new VirtualChain({
      spec: { chip: "BM1366", chips: 3, domains: 1, nominalFreqMHz: 600, ...spec },
      index: 0,
      networkShift,
      seed: 1,
      search,
      ...(lattice !== undefined && { lattice }),
      hostListensBaud: () => this.hostBaud,
      transmit: (bytes) => {
        const taken = Math.min(bytes.length, this.hostTakes);
        this.#arrivals.push({ at: this.received.length, atMs: this.nowMs });
        this.received.push(...bytes.subarray(0, taken));
        return taken;
      },
    });
  }

  /** Sends frames back to back, and runs until they are over. */
  send(...frames: readonly Uint8Array[]): this {
    for (const frame of frames) {
      this.chain.receive(frame, this.hostBaud, this.nowMs);
      this.run((frame.length * 10_000) / this.hostBaud + 0.001);
    }
    return this;
  }

  /** Lets time pass in steps of at most `stepMs`. */
  run(ms: number, stepMs = 10): this {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + stepMs);
      this.chain.advance(this.nowMs);
    }
    return this;
  }

  /** Takes everything that was received, cut into frames of `length` bytes. */
  answers(length: 9 | 11 = 11): Answer[] {
    const bytes = Uint8Array.from(this.received.splice(0));
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    const answers: Answer[] = [];
    let arrival = 0;
    for (let at = 0; at + length <= bytes.length; at += length) {
      const frame = bytes.slice(at, at + length);
      while ((arrivals[arrival + 1]?.at ?? Infinity) <= at) arrival++;
      const view = new DataView(frame.buffer);
      answers.push({
        atMs: arrivals[arrival]?.atMs ?? NaN,
        frame,
        isNonce: (view.getUint8(length - 1) & 0xe0) === 0x80,
        word: view.getUint32(2),
        byte6: view.getUint8(6),
        byte7: view.getUint8(7),
        versionField: length === 11 ? view.getUint16(8) : 0,
      });
    }
    return answers;
  }

  /** Asks all chips for their id. */
  readIds(length: 9 | 11 = 11): Answer[] {
    this.received.length = 0;
    return this.send(READ_IDS).run(500).answers(length);
  }

  /** From reset to hashing, all chips at `pll`, without a job. */
  bringUp(setup: {
    readonly addresses: readonly number[];
    readonly hashCountingNumber: number;
    readonly pll?: number;
    readonly ticketMask?: number;
    readonly rolling?: number;
  }): this {
    this.send(
      write(0xa4, setup.rolling ?? ROLL_ALL),
      CHAIN_INACTIVE,
      ...setup.addresses.map((address) => command(0x40, address, 0)),
      write(0x18, 0xf000_c100),
      write(0x3c, 0x8000_82aa),
      write(0x14, setup.ticketMask ?? 0),
      write(0x08, setup.pll ?? PLL_600_MHZ),
      write(0x10, setup.hashCountingNumber),
      write(0x28, 0x1130_0000),
    );
    this.hostBaud = 3_125_000;
    return this;
  }
}
