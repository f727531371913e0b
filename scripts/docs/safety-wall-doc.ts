/** Writes docs/safety-wall.md from the rows of the wall. usage: npx tsx scripts/docs/safety-wall-doc.ts */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MACHINE_OF, minesOn, type HardwareRow } from "../../test/hardware-wall/row.js";
import { GROUPS, ROWS } from "../../test/hardware-wall/rows.js";

const FILE = new URL("../../docs/safety-wall.md", import.meta.url);

const HEAD = `# The wall of hardware faults

${ROWS.length} faults of the hardware, each set on a machine whose three boards hash (the whole program, against the
virtual machine), and what must come of it. Judged by what is really so in the virtual machine and never by what the
controller says: enable line, output, reset lines, nonces.

- **acts**: \`rule\` of the interlock, native \`guard\`, \`companion\` process, the \`part\` by itself (the controller follows),
  \`recovery\` of a chain, or \`nobody\`, because it does no harm or nobody can know it.
- **power**: \`cut\`: enable line off, output dead, all chains in reset; \`held\`: the same, of an output that cannot be
  switched off; \`isolate\`: the slots go into reset, and those left mine on untouched; \`again\`: one chain is brought up
  anew or given up while the others mine on; \`none\`: nothing moves.
- **within**: from the fault to the last of it, a busy computer included; with \`none\` how long nothing may move. What is
  known is acted upon within half a second: longer times are those in which a fault shows.
- \`*\`: left to \`scripts/soak\`, for the time that it takes.
- **mines on**: slots that are not touched and find nonces all the while.

Every row ends with the fault cleared and all boards hashing again, by itself, with \`resume\` or with a new start of the
program, and with the settings file as it was.

This file is written by \`scripts/docs/safety-wall-doc.ts\` from \`test/hardware-wall/rows/\`; a test keeps both together.
`;

/** The text of docs/safety-wall.md. */
export function safetyWallDoc(): string {
  const sections = Object.entries(GROUPS).map(([what, rows]) => {
    const title = `${what.slice(0, 1).toUpperCase()}${what.slice(1)}`;
    const head = "| fault | acts | power | within | shown | mines on | comes back |";
    return ["", `## ${title}`, "", head, "| - | - | - | - | - | - | - |", ...rows.map(line)].join(
      "\n",
    );
  });
  return `${HEAD}${sections.join("\n")}\n`;
}

function line(row: HardwareRow): string {
  const { name, acts, effect, withinS, shown, recovers, why } = row;
  const machine = MACHINE_OF(row) === "s21" ? "" : ` (${MACHINE_OF(row)})`;
  const mark = row.isLong === true ? " \\*" : "";
  const reason = why === undefined ? "" : `: ${why}`;
  const codes = shown.map((code) => `\`${code}\``).join(" ") || "-";
  const mines = minesOn(row).join(" ") || "-";
  const back = recovers === "byItself" ? "by itself" : `\`${recovers}\``;
  const cells = [
    `${name}${machine}${mark}${reason}`,
    acts,
    effect,
    `${withinS} s`,
    codes,
    mines,
    back,
  ];
  return `| ${cells.join(" | ")} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, safetyWallDoc());
