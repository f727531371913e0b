import type { VirtualChipName } from "../chip/families.js";

/** What goes on in a chain, for the control socket and for tests. */
export interface VirtualChainState {
  readonly chip: VirtualChipName;
  readonly chips: number;
  readonly addressedChips: number;
  readonly isInReset: boolean;
  readonly railMv: number;
  /** Mean of the hash clocks. */
  readonly freqMHz: number;
  /** Undefined when the chips do not agree on one, or on a known one. */
  readonly baud: number | null;
  readonly hashrateThs: number;
  readonly jobs: number;
  readonly nonces: number;
  readonly wrongNonces: number;
  /** Nonces that a full chip queue swallowed. */
  readonly lostNonces: number;
  readonly framesFromHost: number;
  readonly crcErrors: number;
  readonly garbageBytes: number;
  /** Bytes that crossed the wire at a rate which the other side did not have. */
  readonly noiseBytes: number;
  /** Bytes that the host did not take. */
  readonly overrunBytes: number;
  /** Headers really hashed. */
  readonly hashedHeaders: number;
}
