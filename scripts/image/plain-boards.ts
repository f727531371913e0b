// Writes the hardware data of a folder anew as JSON, which is YAML that a slow processor reads sooner.
// usage: plain-boards.ts FOLDER
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const [folder = ""] = process.argv.slice(2);
for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".yaml")) continue;
  const file = join(folder, name);
  writeFileSync(file, `${JSON.stringify(parse(readFileSync(file, "utf8")))}\n`);
}
