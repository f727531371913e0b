import { isMinerError, type ErrorCode } from "../../../../src/lib/errors.js";

/** For `rejects` and `throws`: an error of the program with this code, and with these facts if any are given. */
export function failsWith(
  code: ErrorCode,
  facts: Readonly<Record<string, unknown>> = {},
): (error: unknown) => boolean {
  return (error) =>
    isMinerError(error, code) &&
    Object.entries(facts).every(([name, value]) => error.context[name] === value);
}

/** Waits until something has happened by itself, some turns of the event loop away. */
export async function soon(hasHappened: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (hasHappened()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("it has not happened");
}
