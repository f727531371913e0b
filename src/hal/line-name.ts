import type { Line } from "../boards/schema/control-board.js";

/** A line as messages call it. */
export function lineName(line: Line): string {
  if ("gpio" in line) return `gpio${String(line.gpio)}`;
  if ("chip" in line) return `${line.chip}:${String(line.offset)}`;
  return "file" in line ? line.file : line.virtual;
}
