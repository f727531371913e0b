import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RAIL_RULES } from "../../src/safety/rail-rules.js";

const BEGIN = "<!-- rules: written by scripts/docs/safety-doc.ts -->";
const END = "<!-- end of rules -->";
const FILE = fileURLToPath(new URL("../../docs/safety.md", import.meta.url));

/** The page with the table as the rules are now. */
export function safetyDoc(page: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error("docs/safety.md has no place for the rules");
  const rules = RAIL_RULES.map(({ name, code, limit, action, clears, evidence, source }) =>
    [
      `### ${name}`,
      "",
      `- \`${code}\`: **${action}**`,
      `- limit: ${limit}`,
      `- ends: ${clears}`,
      `- ${evidence}: ${source}`,
    ].join("\n"),
  );
  return `${page.slice(0, from)}${BEGIN}\n\n${rules.join("\n\n")}\n\n${page.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(FILE, safetyDoc(readFileSync(FILE, "utf8")));
