/**
 * The version bits that BM13xx chips roll: 13 to 28.
 * Documented: BIP320. Bits 29 to 31 say "version bits block" and are never rolled, whatever a pool offers.
 */
export const DEVICE_VERSION_MASK = 0x1fffe000;

/**
 * The bits free to roll: allowed by chip and pool and clear in the job's version. Pools replace, OR or
 * XOR the submitted bits into the job's version; only on clear bits do they agree.
 */
export function rollableBits(deviceMask: number, poolMask: number, jobVersion: number): number {
  return (deviceMask & poolMask & ~jobVersion) >>> 0;
}

/** The header version with those of `wantedBits` that are rollable. */
export function rolledVersion(jobVersion: number, wantedBits: number, rollable: number): number {
  return (jobVersion | (wantedBits & rollable)) >>> 0;
}

/** The version bits that tell the pool which version was hashed. */
export function submitVersionBits(headerVersion: number, poolMask: number): number {
  return (headerVersion & poolMask) >>> 0;
}
