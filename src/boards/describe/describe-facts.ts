import { factGroups, type FactGroup } from "./fact-groups.js";

const LINE_LENGTH = 110;
const INDENT = "  ";

/**
 * Hardware data as text: what is known first, then what is inferred, each group of values with its source, so that
 * nobody sees a value without knowing how sure it is.
 */
export function describeFacts(facts: object): string {
  const groups = factGroups(facts);
  const plain = groups.filter(({ evidence }) => evidence === null);
  const known = groups.filter(({ evidence }) => evidence !== null && evidence !== "inferred");
  const inferred = groups.filter(({ evidence }) => evidence === "inferred");
  return [
    ...plain.map(({ path, text }) => wrapped(`${path}: `, text, "")),
    ...section("known", known),
    ...section("inferred, unproven", inferred),
  ].join("\n");
}

function section(title: string, groups: readonly FactGroup[]): string[] {
  if (groups.length === 0) return [];
  const lines = groups.flatMap((group, index) => {
    const next = groups[index + 1];
    const isLast = next?.source !== group.source || next.evidence !== group.evidence;
    const values = wrapped(`${group.path}: `, group.text, INDENT);
    // Neighbours of one source share its line.
    return isLast
      ? [values, wrapped(`${String(group.evidence)}: `, String(group.source), INDENT.repeat(3))]
      : [values];
  });
  return ["", title, ...lines];
}

/** Breaks at blanks; further lines stand under the text of the first. */
export function wrapped(label: string, text: string, indent: string): string {
  const lines: string[] = [];
  let line = `${indent}${label}`;
  let isFresh = true;
  for (const word of text.split(/\s+/)) {
    const candidate = isFresh ? `${line}${word}` : `${line} ${word}`;
    if (candidate.length > LINE_LENGTH && !isFresh) {
      lines.push(line);
      line = `${indent}${INDENT}${word}`;
    } else line = candidate;
    isFresh = false;
  }
  return [...lines, line].join("\n");
}
