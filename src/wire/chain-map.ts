import type { ChipModel } from "../hal/chain-port.js";
import type { NonceFrame, WireFrame } from "../hal/native-wire.js";

const NONCE_OFFSET_REGISTER = 0x0c;
const OFFSET_VALID = 0x80000000;

// Documented: fact sheet BM13xx, section 5. BM1368 and BM1370 chains usually split the nonces by
// register 0x0C, so that a nonce alone does not say which chip found it.
const ADDRESS_IN_NONCE: Readonly<Record<ChipModel, boolean>> = {
  BM1362: true,
  BM1366: true,
  BM1368: false,
  BM1370: false,
};

/** Learns from the host's frames where each chip of a recorded wire searches. */
export class ChainMap {
  readonly #chip: ChipModel;
  readonly #addresses = new Set<number>();
  /** Where the sweep of a chip starts, in units of 512 nonces, by its address. */
  readonly #offsets = new Map<number, number>();

  constructor(chip: ChipModel) {
    this.#chip = chip;
  }

  observe(frame: WireFrame): void {
    if (frame.kind === "chainInactive") {
      this.#addresses.clear();
      this.#offsets.clear();
    } else if (frame.kind === "setAddress") this.#addresses.add(frame.address);
    else if (
      frame.kind === "writeRegister" &&
      frame.register === NONCE_OFFSET_REGISTER &&
      !frame.broadcast &&
      frame.value >= OFFSET_VALID
    )
      this.#offsets.set(frame.address, frame.value & 0xffff);
  }

  /**
   * Address of the chip that found a nonce; null where the nonce does not say. A sweep that runs
   * over the end of its slice counts for the next chip, because nothing tells the difference.
   */
  chipAddressOf(nonce: NonceFrame): number | null {
    // Inferred: the layout is only known with version rolling on.
    if (nonce.versionField === null) return null;
    if (this.#offsets.size > 0) {
      const offset = (Number.parseInt(nonce.nonceHex, 16) >>> 9) & 0xffff;
      return lastAtOrBelow(this.#offsets, offset);
    }
    if (this.#addresses.size > 0)
      return lastAtOrBelow(this.#addresses.entries(), nonce.addressField);
    return ADDRESS_IN_NONCE[this.#chip] ? nonce.addressField : null;
  }
}

/** The name whose start is the highest of those at or below `position`. */
function lastAtOrBelow(
  starts: Iterable<readonly [name: number, start: number]>,
  position: number,
): number | null {
  let best: readonly [name: number, start: number] | undefined;
  for (const entry of starts)
    if (entry[1] <= position && (best === undefined || entry[1] > best[1])) best = entry;
  return best?.[0] ?? null;
}
