/**
 * A network says what difficulty 1 means. `virtual` makes a nonce cheap enough for a CPU while every
 * difficulty, hash rate and share rate keeps its meaning.
 */
export interface Network {
  readonly name: "mainnet" | "virtual";
  /** The 256-bit target of difficulty 1. */
  readonly difficulty1Target: bigint;
}

// Documented: "pool difficulty" uses the truncated target, 0xffff * 2^208.
const MAINNET_DIFFICULTY1_TARGET = 0xffffn << 208n;

// The mainnet target has 224 significant bits; a larger shift does not fit into 256.
const MAX_SHIFT = 32;

export const MAINNET: Network = { name: "mainnet", difficulty1Target: MAINNET_DIFFICULTY1_TARGET };

/**
 * The network of virtual machines: the mainnet target times 2^shift.
 * Throws `RangeError` when `shift` is not an integer of 0 to 32.
 */
export function virtualNetwork(shift = 28): Network {
  if (!Number.isInteger(shift) || shift < 0 || shift > MAX_SHIFT)
    throw new RangeError(`network shift must be an integer of 0 to ${String(MAX_SHIFT)}`);
  return { name: "virtual", difficulty1Target: MAINNET_DIFFICULTY1_TARGET << BigInt(shift) };
}

/** The network of that name, the virtual one with its usual shift. */
export function networkByName(name: Network["name"]): Network {
  return name === "mainnet" ? MAINNET : virtualNetwork();
}
