/** Writes docs/errors.md from the error table. usage: npx tsx scripts/docs/errors-doc.ts */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ERROR_TABLE } from "../../src/lib/errors.js";

const FILE = new URL("../../docs/errors.md", import.meta.url);

const HEAD = `# Errors

Every error has a code of this table. The code comes with facts (chain, path, value, ...), in the log, in
\`--json\` answers and in the message. Codes are never renumbered and never reused.

Severity: \`fatal\` ends the process, \`fault\` stops a part, \`warning\` is survived.

This file is written by \`scripts/docs/errors-doc.ts\` from \`src/lib/error-table/\`; a test keeps both together.

| code | severity | meaning | what to do |
| --- | --- | --- | --- |
`;

/** The text of docs/errors.md. */
export function errorsDoc(): string {
  const rows = Object.entries(ERROR_TABLE).map(
    ([code, { severity, meaning, action }]) =>
      `| \`${code}\` | ${severity} | ${meaning} | ${action} |\n`,
  );
  return HEAD + rows.join("");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, errorsDoc());
