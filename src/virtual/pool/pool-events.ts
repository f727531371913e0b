import type { RejectReason } from "./reject-reason.js";

/** A job on its way to one miner. */
export interface JobSentEvent {
  /** Clock time just before the line is handed to the socket, ms. */
  readonly atMs: number;
  readonly connection: number;
  readonly jobId: string;
  readonly clean: boolean;
  readonly difficulty: number;
}

/** A `mining.submit` line, before it is judged. */
export interface SubmitLineEvent {
  /** Clock time at which the bytes that end the line came in, ms. */
  readonly atMs: number;
  readonly connection: number;
  readonly line: string;
}

/** A judged share. */
export interface ShareEvent {
  /** Clock time at which the bytes that end the line came in, ms. */
  readonly atMs: number;
  readonly connection: number;
  readonly result: "accepted" | RejectReason;
  /** As submitted, empty when malformed. */
  readonly worker: string;
  /** As submitted, undefined when malformed. */
  readonly jobId: unknown;
  /** What the job asks for; undefined when the job is not known. */
  readonly difficulty: number | undefined;
  /** What the hash reaches; undefined when the share could not be rebuilt. */
  readonly shareDifficulty: number | undefined;
  /** The 80 bytes that were hashed; undefined when the share could not be rebuilt. */
  readonly header: Uint8Array | undefined;
}

export interface PoolEvents {
  readonly jobSent: readonly [JobSentEvent];
  readonly submitLine: readonly [SubmitLineEvent];
  readonly share: readonly [ShareEvent];
}
