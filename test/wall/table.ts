import { rowsHold, textTable } from "../simulated/text-table.js";
import type { RowResult } from "./row.js";

const HEAD = [
  "row",
  "expects",
  "next s",
  "back s",
  "gap s",
  "shares",
  "stale",
  "+MB",
  "took s",
  "",
];

/** The results as text: a line a row, then the slowest ones and what failed. */
export function wallTable(results: readonly RowResult[]): string {
  return [
    ...textTable([HEAD, ...results.map(cells)], 2),
    "",
    slowest("to the next pool", results, ({ toNextS }) => toNextS),
    slowest("back", results, ({ backS }) => backS),
    ...rowsHold(results),
  ].join("\n");
}

function cells(result: RowResult): readonly string[] {
  const { name, expects, shares, stale, growthMb, tookS, failures } = result;
  return [
    ...[name, expects, seconds(result.toNextS), seconds(result.backS), seconds(result.longestGapS)],
    ...[`${shares.primary}/${shares.backup}`, String(stale), growthMb.toFixed(1)],
    ...[tookS.toFixed(0), failures.length === 0 ? "ok" : "FAILED"],
  ];
}

function slowest(
  what: string,
  results: readonly RowResult[],
  pick: (result: RowResult) => number | null,
): string {
  const timed = results.filter((result) => pick(result) !== null);
  const worst = timed.sort((a, b) => (pick(b) ?? 0) - (pick(a) ?? 0))[0];
  return worst === undefined
    ? `slowest ${what}: none`
    : `slowest ${what}: ${seconds(pick(worst))} s, ${worst.name}`;
}

function seconds(value: number | null): string {
  return value === null ? "-" : value.toFixed(1);
}
