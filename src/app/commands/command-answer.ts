import type { ErrorCode, ErrorContext } from "../../lib/errors.js";

interface Answered {
  readonly id: string;
  /** It was given before, and nothing was done now. */
  readonly isRepeat?: true;
}

export interface Refusal extends Answered {
  readonly is: "refused";
  readonly code: ErrorCode;
  readonly message: string;
  readonly context: ErrorContext;
}

export type CommandAnswer =
  (Answered & { readonly is: "done"; readonly result: unknown }) | Refusal;
