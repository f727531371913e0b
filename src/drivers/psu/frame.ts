/**
 * Frames of Bitmain's supplies: `55 AA LEN CMD payload SUM`, LEN counting everything behind the preamble.
 *
 * Version 1 sums bytes, version 2 little-endian 16-bit words, so that its frames have even lengths; both send the low
 * byte of the sum first. Captured on the bus of an S19 Pro (version 1); version 2 follows from the symbolised S21
 * factory tool and was never captured.
 */
export type FrameVersion = 1 | 2;

/** Why bytes are no answer. */
export type FrameRefusal =
  /** F5 where a frame should start: busy, or the request was refused. */
  | "refused"
  /** Nobody drives the bus. */
  | "idle"
  | "short"
  | "preamble"
  | "length"
  | "checksum"
  /** The sum is right with its bytes swapped: that is the order of hashboard controllers. */
  | "checksumSwapped"
  | "command";

export type ParsedFrame =
  | { readonly ok: true; readonly command: number; readonly payload: Uint8Array }
  | { readonly ok: false; readonly refusal: FrameRefusal };

export const PREAMBLE = [0x55, 0xaa] as const;
/** A supply that has nothing to say sends it. Captured: S19 Pro. */
export const NOT_READY = 0xf5;
/** Bytes of a frame that LEN does not count. */
export const UNCOUNTED_BYTES = 2;
/** LEN of a frame without payload: itself, the command and the sum. */
const MIN_LEN = 4;
const BUS_IDLE = 0xff;
const HEADER_BYTES = 4;
const SUM_BYTES = 2;

/** The bytes of a frame. A payload of version 2 has an even length. */
export function buildFrame(
  version: FrameVersion,
  command: number,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + payload.length + SUM_BYTES);
  frame.set([...PREAMBLE, payload.length + MIN_LEN, command]);
  frame.set(payload, HEADER_BYTES);
  const sum = frameSum(version, frame);
  frame.set([sum & 0xff, sum >> 8], frame.length - SUM_BYTES);
  return frame;
}

/** Checks a whole frame as the vendor's tool does; `command` is the one that was asked for. Never throws. */
export function parseFrame(
  version: FrameVersion,
  bytes: Uint8Array,
  command?: number,
): ParsedFrame {
  const refusal = refusalOf(version, bytes, command);
  if (refusal !== undefined) return { ok: false, refusal };
  return {
    ok: true,
    command: bytes[3] ?? 0,
    payload: bytes.slice(HEADER_BYTES, bytes.length - SUM_BYTES),
  };
}

function refusalOf(
  version: FrameVersion,
  bytes: Uint8Array,
  command: number | undefined,
): FrameRefusal | undefined {
  if (bytes[0] === NOT_READY) return "refused";
  if (bytes.length > 0 && bytes.every((byte) => byte === BUS_IDLE)) return "idle";
  if (bytes.length < UNCOUNTED_BYTES + MIN_LEN) return "short";
  if (bytes[0] !== PREAMBLE[0] || bytes[1] !== PREAMBLE[1]) return "preamble";
  const length = (bytes[2] ?? 0) + UNCOUNTED_BYTES;
  if (bytes.length < length) return "short";
  if (bytes.length > length || length < UNCOUNTED_BYTES + MIN_LEN) return "length";
  if (version === 2 && length % 2 !== 0) return "length";
  const [low = 0, high = 0] = bytes.subarray(-SUM_BYTES);
  const sum = frameSum(version, bytes);
  if (((high << 8) | low) !== sum)
    return ((low << 8) | high) === sum ? "checksumSwapped" : "checksum";
  return command === undefined || bytes[3] === command ? undefined : "command";
}

function frameSum(version: FrameVersion, frame: Uint8Array): number {
  return frame
    .subarray(UNCOUNTED_BYTES, -SUM_BYTES)
    .reduce(
      (sum, byte, at) => (sum + (version === 2 && at % 2 === 1 ? byte << 8 : byte)) & 0xffff,
      0,
    );
}
