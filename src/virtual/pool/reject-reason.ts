/** Why a share is refused. */
export type RejectReason =
  | "malformed"
  | "not-subscribed"
  | "unauthorized"
  | "worker-mismatch"
  | "unknown-job"
  | "stale"
  | "extranonce2-size"
  | "ntime"
  | "version"
  | "low-difficulty"
  | "duplicate";

/** What becomes of a share. */
export type Verdict = "accepted" | RejectReason;

/** The error of an answer: code, text, and a third element that is always null. */
export type StratumError = readonly [code: number, text: string, data: null];

// Documented: codes 20 to 25 of Stratum V1; 20 for ntime and version errors and the form of the
// array are those of present ckpool. Captured from ckpool 0.9.4: most of the texts.
const ERRORS: Readonly<Record<RejectReason, StratumError>> = {
  malformed: [20, "Invalid array size", null],
  "not-subscribed": [25, "Not subscribed", null],
  unauthorized: [24, "Unauthorized worker", null],
  "worker-mismatch": [24, "Worker mismatch", null],
  "unknown-job": [21, "Invalid JobID", null],
  stale: [21, "Stale", null],
  "extranonce2-size": [20, "Invalid nonce2 length", null],
  ntime: [20, "Ntime out of range", null],
  version: [20, "Invalid version mask", null],
  "low-difficulty": [23, "Above target", null],
  duplicate: [22, "Duplicate", null],
};

/** Every reason, in the order in which a share is checked. */
export const REJECT_REASONS = Object.keys(ERRORS) as readonly RejectReason[];

/** What the pool answers for a reason. */
export function stratumError(reason: RejectReason): StratumError {
  return ERRORS[reason];
}
