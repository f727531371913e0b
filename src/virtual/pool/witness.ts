import type { JudgedShare } from "./share-desk.js";
import type { SentJob } from "./share-judge.js";

/** A submit in every particular. */
export interface WitnessedShare extends JudgedShare {
  /** Clock time at which it came in, ms. */
  readonly atMs: number;
  readonly connection: number;
  readonly params: readonly unknown[];
  /** Extranonce1 that the connection had at that time. */
  readonly extranonce1: Uint8Array | undefined;
  /** What the miner was told; undefined when nothing. */
  readonly told: JudgedShare["verdict"] | undefined;
}

/** Sees every job that goes out and every share that comes in. */
export interface Witness {
  onJob(connection: number, job: SentJob): void;
  onShare(share: WitnessedShare): void;
}
