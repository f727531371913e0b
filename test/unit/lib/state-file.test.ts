import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { StateFile, type LoadedState } from "../../../src/lib/state-file.js";
import { projectRoot } from "../../../src/lib/project-root.js";

/** Killed writers; STATE_FILE_KILLS asks for more. */
const KILLS = Number(process.env["STATE_FILE_KILLS"] ?? 24);
/** Text long enough for several writes of the kernel. */
const FILLING = "x".repeat(20_000);

interface Counted {
  readonly count: number;
}

function parse(text: string): Counted {
  const { count, end } = JSON.parse(text) as { count: unknown; end: unknown };
  if (typeof count !== "number" || end !== true) throw new Error("no count");
  return { count };
}

const textOf = (count: number, filling = ""): string =>
  JSON.stringify({ count, filling, end: true });

describe("state file", () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "state-file-"));
    path = join(folder, "counters.json");
  });

  afterEach(() => rm(folder, { recursive: true }));

  const make = (): StateFile<Counted> => new StateFile({ path, parse, unixMs: () => 1234 });
  const load = (): Promise<LoadedState<Counted>> => make().load();

  it("is empty at first, and gives back what was saved last", async () => {
    deepEqual(await load(), { is: "none", trouble: [] });
    const file = make();
    await Promise.all([file.save(textOf(1)), file.save(textOf(2)), file.save(textOf(3))]);
    deepEqual(await load(), { is: "loaded", state: { count: 3 }, from: "file", trouble: [] });
    equal(await readFile(`${path}.previous`, "utf8"), textOf(2));
    deepEqual((await readdir(folder)).sort(), ["counters.json", "counters.json.previous"]);
  });

  it("falls back to the generation before when the file is gone", async () => {
    const file = make();
    await file.save(textOf(1));
    await file.save(textOf(2));
    await rm(path);
    deepEqual(await load(), { is: "loaded", state: { count: 1 }, from: "previous", trouble: [] });
  });

  it("sets a file aside that was cut at any byte, and never replaces it", async () => {
    const file = make();
    await file.save(textOf(1));
    const whole = textOf(2);
    for (let length = 0; length < whole.length; length++) {
      await rm(`${path}.unreadable-1234`, { force: true });
      await writeFile(path, whole);
      await truncate(path, length);
      await writeFile(`${path}.previous`, textOf(1));
      const found = await load();
      equal(found.is === "loaded" && found.from, "previous", `${length} bytes`);
      equal(found.trouble[0]?.keptAs, `${path}.unreadable-1234`);
      const again = make();
      await again.load();
      await again.save(textOf(3));
      equal(await readFile(`${path}.unreadable-1234`, "utf8"), whole.slice(0, length));
    }
  });

  it("sets both generations aside when neither can be read", async () => {
    await writeFile(path, "{}");
    await writeFile(`${path}.previous`, "\u0000\u0000");
    const { is, trouble } = await load();
    equal(is, "none");
    deepEqual(
      trouble.map(({ file }) => file),
      [path, `${path}.previous`],
    );
    deepEqual((await readdir(folder)).length, 2);
  });

  it("does not write over a file that could not be set aside", async () => {
    await writeFile(path, "broken");
    // The name is taken.
    await writeFile(`${path}.unreadable-1234`, "older");
    const file = make();
    const { trouble } = await file.load();
    deepEqual(
      trouble.map(({ keptAs }) => keptAs),
      [undefined],
    );
    await rejects(file.save(textOf(1)), { code: "EEXIST" });
    equal(await readFile(path, "utf8"), "broken");
    equal(await readFile(`${path}.unreadable-1234`, "utf8"), "older");
  });

  it("rejects when it cannot save, and saves again when it can", async () => {
    const file = make();
    await file.save(textOf(1));
    await mkdir(`${path}.new`);
    await rejects(file.save(textOf(2)), { code: "EISDIR" });
    deepEqual(await load(), { is: "loaded", state: { count: 1 }, from: "file", trouble: [] });
    await rm(`${path}.new`, { recursive: true });
    await file.save(textOf(3));
    deepEqual(await load(), { is: "loaded", state: { count: 3 }, from: "file", trouble: [] });
  });

  it("goes on over what a killed process left behind", async () => {
    await make().save(textOf(1));
    await writeFile(`${path}.new`, "half");
    await writeFile(`${path}.previous.new`, "half");
    const file = make();
    await file.load();
    await file.save(textOf(2));
    deepEqual(await load(), { is: "loaded", state: { count: 2 }, from: "file", trouble: [] });
    equal(await readFile(`${path}.previous`, "utf8"), textOf(1));
  });

  // Real processes: starting one takes longer than a unit test should.
  it("is whole and at most one save old whenever its process is killed", async function () {
    this.timeout(120_000);
    const writer = join(folder, "writer.mjs");
    buildSync({
      stdin: {
        contents: `
          import { StateFile } from "./src/lib/state-file.ts";
          const file = new StateFile({ path: process.argv[2], parse: JSON.parse, unixMs: Date.now });
          for (let count = Number(process.argv[3]); ; count++) {
            await file.save(JSON.stringify({ count, filling: "${FILLING}", end: true }));
            process.stdout.write(count + "\\n");
          }`,
        resolveDir: projectRoot(),
      },
      ...{ bundle: true, platform: "node", format: "esm", outfile: writer, logLevel: "error" },
    });
    let from = 1;
    for (let kill = 0; kill < KILLS; kill++) {
      const told = await killedAfter(writer, path, from, Math.random() * 25);
      const found = await load();
      ok(found.is === "loaded" && found.from === "file", `${found.is} after ${told}`);
      deepEqual(found.trouble, []);
      ok(
        found.state.count >= told && found.state.count <= told + 1,
        `${found.state.count}, ${told}`,
      );
      match(await readFile(path, "utf8"), /true}$/);
      from = found.state.count + 1;
    }
    ok(from > KILLS);
  });
});

/** Starts a writer, kills it `ms` after its first save; the last save that it told of. */
function killedAfter(writer: string, path: string, from: number, ms: number): Promise<number> {
  const child = spawn(process.execPath, [writer, path, String(from)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    if (told === "") setTimeout(() => child.kill("SIGKILL"), ms);
    told += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      const lines = told.slice(0, told.lastIndexOf("\n")).split("\n");
      resolve(Number(lines.at(-1)));
    });
  });
}
