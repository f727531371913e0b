interface Burst {
  readonly bytes: Uint8Array;
  readonly baud: number | undefined;
  readonly arrivedMs: number;
}

/** Milliseconds that one byte takes: start bit, eight data bits, stop bit. */
export function byteMs(baud: number): number {
  return 10_000 / baud;
}

/** The wire from the host: bytes arrive in bursts and leave one after another, no faster than their baud rate. */
export class HostWire {
  readonly #bursts: Burst[] = [];
  #offset = 0;
  #lastByteMs = 0;
  #pending = 0;

  /** Bytes that have not crossed the wire yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Takes bytes sent at `baud`; undefined on a wire that has no rate of its own. */
  push(bytes: Uint8Array, baud: number | undefined, arrivedMs: number): void {
    if (bytes.length === 0) return;
    this.#bursts.push({ bytes, baud, arrivedMs });
    this.#pending += bytes.length;
  }

  /**
   * Calls `onByte` for every byte that is over by `nowMs`, with the moment of its stop bit. Bytes without a rate
   * take as long as they would at `chipBaud()`.
   */
  readUntil(
    nowMs: number,
    chipBaud: () => number,
    onByte: (byte: number, baud: number | undefined, atMs: number) => void,
  ): void {
    for (let burst = this.#bursts[0]; burst !== undefined; burst = this.#bursts[0]) {
      while (this.#offset < burst.bytes.length) {
        const duration = byteMs(burst.baud ?? chipBaud());
        const atMs = Math.max(this.#lastByteMs, burst.arrivedMs) + duration;
        if (atMs > nowMs) return;
        this.#lastByteMs = atMs;
        this.#pending--;
        onByte(burst.bytes[this.#offset++] ?? 0, burst.baud, atMs);
      }
      this.#bursts.shift();
      this.#offset = 0;
    }
  }
}
