import { deepEqual } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseOptions, type ICruiseResult } from "dependency-cruiser";

const { options, ...ruleSet } = createRequire(import.meta.url)(
  "../../../.dependency-cruiser.cjs",
) as NonNullable<ICruiseOptions["ruleSet"]> & { options: ICruiseOptions };

/** file: what it contains. Every file that is imported exists too. */
const PLANTED: Readonly<Record<string, string>> = {
  "src/app/miner.ts": "export const miner = 1;",
  "src/app/commands.ts": "export const commands = 1;",
  "src/mining/judge.ts": "export const judge = 1; export type Judge = number;",
  "src/virtual/machine.ts": "export const machine = 1;",
  "src/boards/load.ts": "export const load = 1;",
  "src/hal/port.ts": "export const port = 1;",
  "src/lib/bytes.ts": "export const bytes = 1;",
  "src/lib/upward.ts": 'import { miner } from "../app/miner.js"; export { miner };',
  "src/hal/type-upward.ts":
    'import type { Judge } from "../mining/judge.js"; export type J = Judge;',
  "src/pool/sideways.ts": 'import { port } from "../hal/port.js"; export { port };',
  "src/pool/downward.ts": 'import { load } from "../boards/load.js"; export { load };',
  "src/tuning/types.ts": 'import type { Judge } from "../mining/judge.js"; export type J = Judge;',
  "src/tuning/values.ts": 'import { judge } from "../mining/judge.js"; export { judge };',
  "src/api/direct.ts": 'import { miner } from "../app/miner.js"; export { miner };',
  "src/api/asks.ts": 'import { commands } from "../app/commands.js"; export { commands };',
  "src/main.ts": 'import { lazy } from "./commands/lazy.js"; export { lazy };',
  "src/commands/run.ts": 'import { miner } from "../app/miner.js"; export { miner };',
  "src/commands/starts.ts": 'export const start = () => import("../main.js");',
  "src/app/starts.ts": 'export const start = () => import("../main.js");',
  "src/cli.ts": 'import { miner } from "./app/miner.js"; export { miner };',
  "src/virtual/leak.ts": 'import { load } from "../boards/load.js"; export { load };',
  "src/virtual/fair.ts": 'import { bytes } from "../lib/bytes.js"; export { bytes };',
  "src/app/simulates.ts": 'import { machine } from "../virtual/machine.js"; export { machine };',
  "src/commands/eager.ts": 'import { machine } from "../virtual/machine.js"; export { machine };',
  "src/commands/lazy.ts": 'export const lazy = () => import("../virtual/machine.js");',
  "src/mystery/new.ts": "export const fresh = 1;",
  "src/commands/mystery.ts": 'import { fresh } from "../mystery/new.js"; export { fresh };',
  "src/mining/bus.ts": 'import bus from "i2c-bus"; export { bus };',
  "src/hal/bus.ts": 'import bus from "i2c-bus"; export { bus };',
  "src/app/mqtt.ts": 'import mqtt from "mqtt"; export { mqtt };',
  "src/api/mqtt/client.ts": 'import mqtt from "mqtt"; export { mqtt };',
  "src/lib/circle-a.ts": 'import { b } from "./circle-b.js"; export const a = () => b;',
  "src/lib/circle-b.ts": 'import { a } from "./circle-a.js"; export const b = () => a;',
};

const EXPECTED = [
  "addon-face: src/mining/addon.ts",
  "api-through-commands: src/api/direct.ts",
  "bus-libraries: src/mining/bus.ts",
  "cli-thin: src/cli.ts",
  "known-folder: src/commands/mystery.ts",
  "layer-commands: src/commands/mystery.ts",
  "layer-hal: src/hal/type-upward.ts",
  "layer-lib: src/lib/upward.ts",
  "layer-pool: src/pool/sideways.ts",
  "mqtt-library: src/app/mqtt.ts",
  "no-circle: src/lib/circle-a.ts",
  "root-below-commands: src/main.ts",
  "root-started-by-commands: src/app/starts.ts",
  "types-only-tuning: src/tuning/values.ts",
  "virtual-apart: src/app/simulates.ts",
  "virtual-independent: src/virtual/leak.ts",
  "virtual-on-demand: src/commands/eager.ts",
];

describe("the import table", () => {
  it("flags every planted breach and nothing else", async () => {
    const root = mkdtempSync(join(tmpdir(), "import-table-"));
    try {
      const files = {
        ...PLANTED,
        "src/mining/addon.ts": 'import addon from "../../build/x.node"; export { addon };',
        "build/x.node": "",
        "tsconfig.json": "{}",
      };
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(root, dirname(path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      const report = await cruise(["src"], {
        ...options,
        baseDir: root,
        validate: true,
        ruleSet,
      });
      const { violations } = (report.output as ICruiseResult).summary;
      deepEqual([...new Set(violations.map((v) => `${v.rule.name}: ${v.from}`))].sort(), EXPECTED);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
