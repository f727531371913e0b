/** Frames of the supply protocol version 1. Documented: fact sheet section 1.3; captured on an S19 Pro. */
export interface ApwCommand {
  readonly command: number;
  readonly payload: Uint8Array;
}

const PREAMBLE = [0x55, 0xaa] as const;
/** LEN counts itself, the command and the checksum beside the payload. */
const OVERHEAD = 4;

/** `55 AA LEN CMD payload SUMLO SUMHI`. */
export function apwFrame(command: number, payload: ArrayLike<number>): Uint8Array {
  const body = [payload.length + OVERHEAD, command, ...Array.from(payload)];
  const total = body.reduce((sum, byte) => sum + byte, 0);
  return Uint8Array.from([...PREAMBLE, ...body, total & 0xff, (total >> 8) & 0xff]);
}

/** Puts frames together from single bytes. */
export class ApwFrameReader {
  #bytes: number[] = [];

  /** "bad": a whole frame whose checksum is wrong. Undefined: the frame goes on. */
  push(byte: number): ApwCommand | "bad" | undefined {
    this.#bytes.push(byte);
    const [first, second, length, command] = this.#bytes;
    if (first !== PREAMBLE[0] || (second !== undefined && second !== PREAMBLE[1])) {
      this.#bytes = byte === PREAMBLE[0] ? [byte] : [];
      return undefined;
    }
    if (length === undefined) return undefined;
    if (length < OVERHEAD) {
      this.#bytes = [];
      return "bad";
    }
    if (command === undefined || this.#bytes.length < length + 2) return undefined;
    const frame = this.#bytes;
    this.#bytes = [];
    const payload = Uint8Array.from(frame.slice(4, -2));
    const isIntact = apwFrame(command, payload).every((expected, at) => frame[at] === expected);
    return isIntact ? { command, payload } : "bad";
  }

  /** A start of a frame that was never finished is forgotten. */
  reset(): void {
    this.#bytes = [];
  }
}
