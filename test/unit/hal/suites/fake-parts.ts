/** One transaction that was seen on the wire. */
export interface SeenTransfer {
  readonly address: number;
  readonly write: readonly number[];
  readonly read: number;
}

export type Outcome =
  { readonly is: "ok"; readonly read: Uint8Array } | { readonly is: "nack" | "stuck" | "hang" };

/** Memories of 256 bytes on one bus, and what goes wrong there. */
export class FakeParts {
  readonly seen: SeenTransfer[] = [];
  readonly #parts = new Map<number, { readonly bytes: Uint8Array; pointer: number }>();
  /** So many of the next transfers find the bus held low. */
  stuckTransfers = 0;
  /** So many of the next transfers never end. */
  hangingTransfers = 0;
  recoveries = 0;
  /** Cannot be freed. */
  isShort = false;

  constructor(addresses: readonly number[]) {
    for (const address of addresses)
      this.#parts.set(address, {
        bytes: Uint8Array.from({ length: 256 }, (_, at) => (at * 7 + address) & 0xff),
        pointer: 0,
      });
  }

  bytesOf(address: number): Uint8Array {
    return this.#parts.get(address)!.bytes;
  }

  /** Pulls a part off the bus. */
  remove(address: number): void {
    this.#parts.delete(address);
  }

  transfer(address: number, write: Uint8Array, readLength: number): Outcome {
    this.seen.push({ address, write: [...write], read: readLength });
    if (this.hangingTransfers > 0) {
      this.hangingTransfers--;
      return { is: "hang" };
    }
    if (this.isShort) return { is: "stuck" };
    if (this.stuckTransfers > 0) {
      this.stuckTransfers--;
      return { is: "stuck" };
    }
    const part = this.#parts.get(address);
    if (part === undefined) return { is: "nack" };
    write.forEach((byte, at) => {
      if (at === 0) part.pointer = byte;
      else part.bytes[part.pointer++ & 0xff] = byte;
    });
    const read = Uint8Array.from({ length: readLength }, () => part.bytes[part.pointer++ & 0xff]!);
    return { is: "ok", read };
  }

  /** False when the bus stays low. */
  recover(): boolean {
    this.recoveries++;
    return !this.isShort;
  }
}
