/** Writes docs/mqtt-schemas.json from the schemas of the payloads. usage: npx tsx scripts/docs/mqtt-schemas.ts */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { argumentSchemas } from "../../src/api/mqtt/orders.js";
import { payloadSchemas } from "../../src/api/mqtt/payloads.js";

const FILE = new URL("../../docs/mqtt-schemas.json", import.meta.url);

/** The text of docs/mqtt-schemas.json. */
export function mqttSchemas(): string {
  const all = { ...payloadSchemas(), "args of cmd": argumentSchemas() };
  return `${JSON.stringify(all, undefined, 1)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, mqttSchemas());
