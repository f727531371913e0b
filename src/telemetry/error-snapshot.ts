import type { ErrorCode, ErrorContext } from "../lib/errors.js";

/** What went wrong, as it is told to others. */
export interface ErrorSnapshot {
  readonly code: ErrorCode;
  readonly context: ErrorContext;
}
