import { ERROR_TABLE, isMinerError, MinerError, type ErrorCode } from "../../lib/errors.js";

/** What a fault is told as: a permit that was not given says first of all what it lacked. */
export function faultError(cause: unknown): MinerError {
  if (!isMinerError(cause)) return new MinerError("INTERNAL", { reason: String(cause) }, { cause });
  const { lacking: code, missing = null } = cause.context;
  if (cause.code !== "COMMAND_REFUSED" || !isErrorCode(code)) return cause;
  return new MinerError(code, { missing }, { cause });
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_TABLE, code);
}
