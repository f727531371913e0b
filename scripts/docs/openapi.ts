/** Writes docs/openapi.json from the table of routes. usage: npx tsx scripts/docs/openapi.ts */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openApi } from "../../src/api/http/openapi.js";

const FILE = new URL("../../docs/openapi.json", import.meta.url);

/** The text of docs/openapi.json. */
export function openApiText(): string {
  return `${JSON.stringify(openApi(), undefined, 1)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, openApiText());
