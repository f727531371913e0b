import { rowsHold, textTable } from "../simulated/text-table.js";
import type { RowResult } from "./row.js";

const HEAD = ["row", "acts", "effect", "ms", "trip ms", "back s", "took s", ""];
const LEFT_COLUMNS = 3;

/** The results as text: a line a row, reactions by kind, and what failed. */
export function report(results: readonly RowResult[]): string {
  const table = textTable([HEAD, ...results.map(cells)], LEFT_COLUMNS);
  return [...table, "", ...spreads(results), ...rowsHold(results)].join("\n");
}

function cells(result: RowResult): readonly string[] {
  const { name, acts, effect, reactionMs, tripToOffMs, backS, tookS, failures } = result;
  return [
    ...[name, acts, effect, whole(reactionMs), whole(tripToOffMs)],
    ...[backS?.toFixed(1) ?? "-", tookS.toFixed(1), failures.length === 0 ? "ok" : "FAILED"],
  ];
}

/** p50, p99 and the most of the reactions, by who acted and what became of the power. */
function spreads(results: readonly RowResult[]): readonly string[] {
  const kinds = new Set(results.map(({ acts, effect }) => `${acts}, ${effect}`));
  const lines = [...kinds].flatMap((kind) => {
    const ofKind = results.filter(({ acts, effect }) => `${acts}, ${effect}` === kind);
    return spread(
      `fault to ${kind}`,
      ofKind.map(({ reactionMs }) => reactionMs),
    );
  });
  const decided = results.map(({ tripToOffMs }) => tripToOffMs);
  return [...lines, ...spread("decision to power off", decided)];
}

function spread(what: string, times: readonly (number | null)[]): readonly string[] {
  const sorted = times.filter((time) => time !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  const at = (share: number): string =>
    whole(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null);
  const figures = `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${whole(sorted.at(-1) ?? null)} ms`;
  return [`${what}: ${figures} (${sorted.length})`];
}

function whole(value: number | null): string {
  return value === null ? "-" : value.toFixed(0);
}
