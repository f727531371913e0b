import { ERROR_TABLE, isMinerError, MinerError } from "../lib/errors.js";

export interface JsonOption {
  readonly json?: boolean;
}

/** One JSON document, or text for people, on standard output. */
export function print(value: unknown, options: JsonOption, text: () => string): void {
  process.stdout.write(`${options.json === true ? JSON.stringify(value) : text()}\n`);
}

/**
 * Tells what a command threw on standard error: as JSON when it was asked for JSON, else with what to do. The exit
 * status is 1.
 */
export function reportFailure(cause: unknown, isJson: boolean): void {
  const error = isMinerError(cause)
    ? cause
    : new MinerError("INTERNAL", { reason: String(cause) }, { cause });
  process.exitCode = 1;
  if (isJson) {
    const { code, context } = error;
    process.stderr.write(`${JSON.stringify({ error: { code, context } })}\n`);
    return;
  }
  process.stderr.write(`${error.message}\n  ${ERROR_TABLE[error.code].action}\n`);
  if (error.code === "INTERNAL" && cause instanceof Error)
    process.stderr.write(`${String(cause.stack)}\n`);
}

/** Columns padded to their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
