import { sha256d } from "./sha256d.js";

const HEADER_BYTES = 80;

/** The six fields of a block header. */
export interface HeaderFields {
  /** 32-bit number. */
  readonly version: number;
  /** 32 bytes, header order. */
  readonly prevhash: Uint8Array;
  /** 32 bytes, header order. */
  readonly merkleRoot: Uint8Array;
  /** 32-bit number, Unix seconds. */
  readonly ntime: number;
  /** 32-bit number, the compact network target. */
  readonly nbits: number;
  /** 32-bit number. */
  readonly nonce: number;
}

/** The header as 80 bytes. Throws `RangeError` when a hash has not 32 bytes. */
export function serializeHeader(fields: HeaderFields): Uint8Array {
  if (fields.prevhash.length !== 32 || fields.merkleRoot.length !== 32)
    throw new RangeError("prevhash and merkle root have 32 bytes");
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, fields.version, true);
  header.set(fields.prevhash, 4);
  header.set(fields.merkleRoot, 36);
  view.setUint32(68, fields.ntime, true);
  view.setUint32(72, fields.nbits, true);
  view.setUint32(76, fields.nonce, true);
  return header;
}

/** The hash of an 80-byte header: 32 bytes as hashed, a little-endian number. */
export function headerHash(header: Uint8Array): Uint8Array {
  if (header.length !== HEADER_BYTES) throw new RangeError("a header has 80 bytes");
  return sha256d(header);
}
