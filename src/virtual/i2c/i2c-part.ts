/** A part on an I2C bus, as seen from the bus. */
export interface I2cPart {
  /** How much longer than the bytes a transfer takes, because the part holds the clock down. */
  readonly delayMs?: number;
  /** Takes the bytes of one write, register number included. False: the part does not acknowledge. */
  write(bytes: Uint8Array, nowMs: number): boolean;
  /** Gives `length` bytes. Undefined: the part does not acknowledge. */
  read(length: number, nowMs: number): Uint8Array | undefined;
}

/** What an idle bus reads as: nobody pulls the lines down. */
const IDLE_BYTE = 0xff;

/** `bytes` followed by what an idle bus reads as. */
export function padded(bytes: ArrayLike<number>, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => bytes[at] ?? IDLE_BYTE);
}
