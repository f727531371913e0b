import type { ErrorCode, ErrorContext } from "../../lib/errors.js";

export interface Refusal {
  readonly id: string;
  readonly is: "refused";
  readonly code: ErrorCode;
  readonly message: string;
  readonly context: ErrorContext;
}

export type CommandAnswer =
  { readonly id: string; readonly is: "done"; readonly result: unknown } | Refusal;
