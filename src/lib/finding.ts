import { isMinerError, MinerError, type ErrorCode, type ErrorContext } from "./errors.js";

/** Something that is wrong, as a value: an outcome that was to be expected, not an exception. */
export interface Finding {
  readonly code: ErrorCode;
  readonly context: ErrorContext;
}

/** What an error tells, with the facts of where it was met; `otherwise` names an error that is not ours. */
export function findingOf(
  error: unknown,
  facts: ErrorContext = {},
  otherwise: ErrorCode = "INTERNAL",
): Finding {
  if (isMinerError(error)) return { code: error.code, context: { ...error.context, ...facts } };
  return { code: otherwise, context: { reason: String(error), ...facts } };
}

export function errorOf({ code, context }: Finding): MinerError {
  return new MinerError(code, context);
}

/** One line for a log or an error: `FAN_MISSING fan=2`. */
export function findingText({ code, context }: Finding): string {
  const facts = Object.entries(context).map(([key, value]) => `${key}=${String(value)}`);
  return [code, ...facts].join(" ");
}
