import { equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildSync } from "esbuild";
import * as fc from "fast-check";
import { projectRoot } from "../../../src/lib/project-root.js";
import { bundle, Signer } from "./bundles.js";
import { Machine } from "./machine.js";

const KILLS = Number(process.env["UPDATE_KILLS"] ?? 30);
const SEED = Number(process.env["UPDATE_SEED"] ?? Date.now() % 2 ** 31);
/** A process is up after some 100 ms and has installed so much some 200 ms later. */
const IMAGE_BYTES = 4 * 1024 * 1024;
const MAX_MS = 450;

describe(`an update whose power fails at any instant, UPDATE_SEED=${SEED}`, function () {
  this.timeout(30_000 + KILLS * 2000);

  it(`boots a whole slot after each of ${KILLS} kills`, async () => {
    const signer = new Signer();
    const machine = await Machine.make(signer.publicText);
    const writer = machine.at("writer.mjs");
    buildSync({
      entryPoints: [join(projectRoot(), "test/unit/update/kill-writer.ts")],
      ...{ bundle: true, platform: "node", format: "esm", outfile: writer, logLevel: "error" },
    });
    const whole = new Set<string>();
    const slots: string[] = [];
    for (const slot of ["a", "b"]) {
      await writeFile(machine.at(slot), randomBytes(IMAGE_BYTES));
    }
    whole.add(await digest(machine.at("a")));
    const instants = fc.sample(fc.noBias(fc.integer({ min: 20, max: MAX_MS })), {
      ...{ numRuns: KILLS, seed: SEED },
    });
    for (const [index, delayMs] of instants.entries()) {
      const image = randomBytes(IMAGE_BYTES);
      const recipe = { signer, image, version: `2.0.${String(index)}` };
      await writeFile(machine.at("bundle"), bundle(recipe));
      whole.add(createHash("sha256").update(image).digest("hex"));
      await killed(writer, machine.dir, delayMs);
      const slot = await machine.boot();
      slots.push(slot);
      ok(whole.has(await digest(machine.at(slot))), `slot ${slot} after ${String(delayMs)} ms`);
    }
    await machine.remove();
    process.stdout.write(`${JSON.stringify({ slots: slots.join("") })}\n`);
    equal(new Set(slots).size, 2);
  });
});

async function digest(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

/** Starts an update and kills it. */
function killed(writer: string, dir: string, delayMs: number): Promise<void> {
  const child = spawn(process.execPath, [writer, dir], { stdio: ["ignore", "ignore", "inherit"] });
  setTimeout(() => child.kill("SIGKILL"), delayMs);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, signal) => {
      if (signal === "SIGKILL") resolve();
      else reject(new Error("the program ended by itself"));
    });
  });
}
