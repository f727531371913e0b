import { crc5 } from "./crc.js";

/** Answers are 9 bytes until a chip has seen version rolling switched on, 11 bytes from then on. */
export type AnswerBytes = 9 | 11;

/** Kind bits of the last byte. Documented: fact sheet section 3.2. */
const NONCE_KIND = 0x80;
const REGISTER_KIND = 0x00;

/** A chip's answer to a register read. */
export function encodeRegisterAnswer(
  length: AnswerBytes,
  answer: { readonly value: number; readonly chipAddress: number; readonly register: number },
): Uint8Array {
  const frame = newFrame(length);
  const view = new DataView(frame.buffer);
  view.setUint32(2, answer.value);
  view.setUint8(6, answer.chipAddress);
  view.setUint8(7, answer.register);
  return seal(frame, REGISTER_KIND);
}

/** A chip's report of a nonce. */
export function encodeNonceAnswer(
  length: AnswerBytes,
  answer: {
    /** The four header bytes read as a big-endian number. */
    readonly nonceMsbFirst: number;
    readonly excessByte: number;
    readonly idByte: number;
    /** Header bits 28:13; not sent in answers of 9 bytes. */
    readonly versionField: number;
  },
): Uint8Array {
  const frame = newFrame(length);
  const view = new DataView(frame.buffer);
  view.setUint32(2, answer.nonceMsbFirst);
  view.setUint8(6, answer.excessByte);
  view.setUint8(7, answer.idByte);
  if (length === 11) view.setUint16(8, answer.versionField);
  return seal(frame, NONCE_KIND);
}

function newFrame(length: AnswerBytes): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(length);
  frame[0] = 0xaa;
  frame[1] = 0x55;
  return frame;
}

/** The CRC covers the kind bits as well. */
function seal(frame: Uint8Array, kind: number): Uint8Array {
  const last = frame.length - 1;
  frame[last] = kind;
  frame[last] = kind | crc5(frame.subarray(2), (frame.length - 2) * 8 - 5);
  return frame;
}
