import type { MinerError } from "../lib/errors.js";
import type { Finding } from "../lib/finding.js";

export type RailState =
  | { readonly is: "off"; readonly sinceMs: number; readonly reason: string }
  | { readonly is: "on"; readonly sinceMs: number }
  /** Left as a program before us had it, and not judged yet. */
  | { readonly is: "foreign"; readonly sinceMs: number }
  /** It was to be off and the switch does not answer: tried again with every check. */
  | { readonly is: "stuck"; readonly sinceMs: number; readonly error: MinerError };

export type Permit =
  | { readonly isGranted: true }
  | { readonly isGranted: false; readonly missing: readonly Finding[] };

export interface RailEvents extends Record<string, readonly unknown[]> {
  /** Power was cut, or is not permitted any more. What was found comes first. */
  readonly tripped: readonly [MinerError];
  /** This slot must be in reset and count no more within 300 ms, or the power is cut. */
  readonly isolate: readonly [number, MinerError];
}
