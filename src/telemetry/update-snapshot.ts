import type { ErrorSnapshot } from "./error-snapshot.js";

/**
 * `staged`: written, and the next start tries it; `trial`: it runs and has to prove itself.
 */
export const UPDATE_PHASES = [
  "idle",
  "downloading",
  "checking",
  "writing",
  "verifying",
  "staged",
  "trial",
] as const;
export type UpdatePhase = (typeof UPDATE_PHASES)[number];

/** What becomes of the program's own update. */
export interface UpdateSnapshot {
  readonly phase: UpdatePhase;
  /** What was booted. */
  readonly slot: "a" | "b" | null;
  readonly runningVersion: string;
  /** Of what is installed or tried now; null while nobody knows. */
  readonly version: string | null;
  /** Of the phase; null where there is nothing to count. */
  readonly progressPct: number | null;
  /** Why the last try ended, or what is wrong now. */
  readonly error: ErrorSnapshot | null;
}
