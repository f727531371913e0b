import { crc16, crc5 } from "./crc.js";

/** One sound frame on its way from the host to the chips. */
export type HostFrame =
  | { readonly kind: "setAddress"; readonly address: number }
  | { readonly kind: "chainInactive" }
  | {
      readonly kind: "writeRegister";
      readonly broadcast: boolean;
      readonly address: number;
      readonly register: number;
      /** Unsigned 32 bits. */
      readonly value: number;
    }
  | {
      readonly kind: "readRegister";
      readonly broadcast: boolean;
      readonly address: number;
      readonly register: number;
    }
  | { readonly kind: "job"; readonly job: JobFrame };

/** A full-header job. */
export interface JobFrame {
  /** The byte as sent: job id in bits 7:3. */
  readonly jobByte: number;
  /** The first 76 header bytes as they are hashed, and four zero bytes where the nonce goes. */
  readonly header: Uint8Array;
  readonly version: number;
}

/** Bytes of a full-header job from 55 AA to its CRC, whatever its length byte says. */
const JOB_FRAME_BYTES = 88;

const ADDRESS_FRAME_BYTES = 7;
const WRITE_FRAME_BYTES = 11;

/**
 * Length of the frame that starts with this header byte; undefined when no such frame exists.
 * Documented: fact sheet sections 3.1 and 4.1. Hosts send 36, 56 or FF as the length of one and the same job,
 * so a job is known by its header alone.
 */
function frameBytes(header: number, lengthByte: number): number | undefined {
  if (header === 0x21) return JOB_FRAME_BYTES;
  const expected = COMMAND_BYTES.get(header);
  return expected !== undefined && lengthByte === expected - 2 ? expected : undefined;
}

const COMMAND_BYTES: ReadonlyMap<number, number> = new Map([
  [0x40, ADDRESS_FRAME_BYTES],
  [0x41, WRITE_FRAME_BYTES],
  [0x51, WRITE_FRAME_BYTES],
  [0x42, ADDRESS_FRAME_BYTES],
  [0x52, ADDRESS_FRAME_BYTES],
  [0x53, ADDRESS_FRAME_BYTES],
]);

/**
 * Finds frames in the bytes from the host. After a bad CRC it drops one byte and hunts for the next 55 AA, so
 * that damage costs only the frame it hit. How real chips find back is not published: inferred.
 */
export class HostFrameParser {
  readonly #pending = new Uint8Array(JOB_FRAME_BYTES);
  #length = 0;
  #crcErrors = 0;
  #garbageBytes = 0;

  /** Frames whose CRC did not hold. */
  get crcErrors(): number {
    return this.#crcErrors;
  }

  /** Bytes that belonged to no sound frame. */
  get garbageBytes(): number {
    return this.#garbageBytes;
  }

  /** Takes one byte; the frame that it completes, if any. At most one byte's worth of frames can complete. */
  push(byte: number): HostFrame | undefined {
    this.#pending[this.#length++] = byte;
    for (;;) {
      this.#dropUntilPreamble();
      if (this.#length < 4) return undefined;
      const size = frameBytes(this.#pending[2] ?? 0, this.#pending[3] ?? 0);
      if (size === undefined) {
        this.#drop(1);
        continue;
      }
      if (this.#length < size) return undefined;
      const frame = decodeHostFrame(this.#pending.subarray(0, size));
      if (frame !== undefined) {
        this.#pending.copyWithin(0, size, this.#length);
        this.#length -= size;
        return frame;
      }
      this.#crcErrors++;
      this.#drop(1);
    }
  }

  /** Forgets the part of a frame that has arrived. */
  reset(): void {
    this.#length = 0;
  }

  #dropUntilPreamble(): void {
    const bytes = this.#pending;
    let start = 0;
    while (
      start < this.#length &&
      !(bytes[start] === 0x55 && (start + 1 === this.#length || bytes[start + 1] === 0xaa))
    )
      start++;
    if (start > 0) this.#drop(start);
  }

  #drop(count: number): void {
    this.#pending.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#garbageBytes += count;
  }
}

/** A whole frame from 55 AA to its CRC; undefined when header, length or CRC do not hold. */
export function decodeHostFrame(frame: Uint8Array): HostFrame | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < ADDRESS_FRAME_BYTES || view.getUint16(0) !== 0x55aa) return undefined;
  const header = view.getUint8(2);
  if (frameBytes(header, view.getUint8(3)) !== frame.length) return undefined;
  if (header === 0x21) return decodeJob(frame);
  if (crc5(frame.subarray(2, -1)) !== frame.at(-1)) return undefined;
  const broadcast = (header & 0x10) !== 0;
  const address = view.getUint8(4);
  const register = view.getUint8(5);
  switch (header & 0x0f) {
    case 0x0:
      return { kind: "setAddress", address };
    case 0x1:
      return { kind: "writeRegister", broadcast, address, register, value: view.getUint32(6) };
    case 0x2:
      return { kind: "readRegister", broadcast, address, register };
    default:
      return { kind: "chainInactive" };
  }
}

/** Documented: fact sheet section 4.1, field table. */
function decodeJob(frame: Uint8Array): HostFrame | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (crc16(frame.subarray(2, -2)) !== view.getUint16(frame.length - 2)) return undefined;
  const header = new Uint8Array(80);
  header.set(frame.subarray(82, 86), 0);
  header.set(wordsReversed(frame.subarray(50, 82)), 4);
  header.set(wordsReversed(frame.subarray(18, 50)), 36);
  header.set(frame.subarray(14, 18), 68);
  header.set(frame.subarray(10, 14), 72);
  return {
    kind: "job",
    job: { jobByte: view.getUint8(4), header, version: view.getUint32(82, true) },
  };
}

/** Eight 4-byte words in reverse order, the bytes inside each word untouched. */
function wordsReversed(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 4)
    result.set(bytes.subarray(bytes.length - 4 - at, bytes.length - at), at);
  return result;
}
