import { MinerError, type ErrorCode } from "../../lib/errors.js";
import { reasonOf } from "./kernel-file.js";

/** Does `call` and turns what it throws into an error of ours that names the line. */
export function onLine<Result>(code: ErrorCode, line: string, call: () => Result): Result {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof MinerError) throw cause;
    throw new MinerError(code, { line, reason: reasonOf(cause) }, { cause });
  }
}

/** The same for a call that takes its time. */
export async function onLineAsync<Result>(
  code: ErrorCode,
  line: string,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof MinerError) throw cause;
    throw new MinerError(code, { line, reason: reasonOf(cause) }, { cause });
  }
}
