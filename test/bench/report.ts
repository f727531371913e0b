import { table } from "../../src/commands/output.js";
import type { MachineFacts } from "./machine.js";
import { holds, type Row } from "./rows.js";

/** The figures for people: a line about the machine, a table, and what stands behind each row. */
export function reportText(machine: MachineFacts, rows: readonly Row[]): string {
  const { cpu, cores, memoryGb, kernel, arch, node, revision, load } = machine;
  const facts = [
    `${cpu}, ${String(cores)} cores, ${String(memoryGb)} GB, ${arch}, Linux ${kernel}`,
    `node ${node}, revision ${revision}, load before ${load.toFixed(1)}`,
  ];
  const lines = rows.map((row) => [
    row.name,
    shortFigure(row.figure),
    row.unit,
    row.limit === undefined ? "" : limitText(row.limit),
    holdsText(holds(row)),
    row.note ?? "",
  ]);
  return [
    facts.join("; "),
    "",
    table([["name", "figure", "unit", "to hold", "holds", "note"], ...lines]),
  ].join("\n");
}

function holdsText(isHeld: boolean | undefined): string {
  if (isHeld === undefined) return "";
  return isHeld ? "yes" : "NO";
}

function limitText({ is, value }: NonNullable<Row["limit"]>): string {
  return `${is === "atMost" ? "<=" : ">="} ${shortFigure(value)}`;
}

/** Whole numbers as they are, others with three digits that say something. */
function shortFigure(figure: number): string {
  if (Number.isInteger(figure)) return figure.toLocaleString("en");
  return figure.toLocaleString("en", {
    maximumFractionDigits: Math.abs(figure) >= 100 ? 0 : Math.abs(figure) >= 10 ? 1 : 2,
  });
}
