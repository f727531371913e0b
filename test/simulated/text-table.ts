/** Lines of cells as text of even columns; the first `leftColumns` stand at the left, the others at the right. */
export function textTable(
  lines: readonly (readonly string[])[],
  leftColumns: number,
): readonly string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const padded = (cell: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column < leftColumns ? cell.padEnd(width) : cell.padStart(width);
  };
  return lines.map((line) => line.map(padded).join("  ").trimEnd());
}

/** What failed and why, and how many rows hold. */
export function rowsHold(
  results: readonly { readonly name: string; readonly failures: readonly string[] }[],
): readonly string[] {
  const failed = results.filter(({ failures }) => failures.length > 0);
  return [
    ...failed.map(({ name, failures }) => `FAILED ${name}: ${failures.join("; ")}`),
    `${results.length - failed.length} rows hold, ${failed.length} do not`,
  ];
}
